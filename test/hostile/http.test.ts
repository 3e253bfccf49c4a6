import { attack } from './attack.js'
import { http } from './cases/http.js'

attack(http)
