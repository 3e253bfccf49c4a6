import { attack } from './attack.js'
import { keys } from './cases/keys.js'

attack(keys)
