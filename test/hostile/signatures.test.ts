import { attack } from './attack.js'
import { signatures } from './cases/signatures.js'

attack(signatures)
