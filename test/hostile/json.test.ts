import { attack } from './attack.js'
import { json } from './cases/json.js'

attack(json)
