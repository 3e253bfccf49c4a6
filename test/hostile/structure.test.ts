import { attack } from './attack.js'
import { structure } from './cases/structure.js'

attack(structure)
