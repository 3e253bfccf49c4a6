import { attack } from './attack.js'
import { claims } from './cases/claims.js'

attack(claims)
