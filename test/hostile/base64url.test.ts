import { attack } from './attack.js'
import { base64url } from './cases/base64url.js'

attack(base64url)
