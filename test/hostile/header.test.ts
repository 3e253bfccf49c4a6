import { attack } from './attack.js'
import { header } from './cases/header.js'

attack(header)
