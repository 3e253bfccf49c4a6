import { attack } from './attack.js'
import { cookies } from './cases/cookies.js'

attack(cookies)
