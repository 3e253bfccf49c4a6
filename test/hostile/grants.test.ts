import { attack } from './attack.js'
import { grants } from './cases/grants.js'

attack(grants)
