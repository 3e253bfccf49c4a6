import type { Table } from '../attacks.js'
import { ecdsa } from './ecdsa.js'
import { eddsaRsa } from './eddsa-rsa.js'
import { remembered } from './remembered.js'

export const signatures: Table<'signatures'> = { ...ecdsa, ...eddsaRsa, ...remembered }
