import type { Table } from '../attacks.js'
import { ecdsa } from './ecdsa.js'
import { eddsaRsa } from './eddsa-rsa.js'
import { cached } from './cached.js'

export const signatures: Table<'signatures'> = { ...ecdsa, ...eddsaRsa, ...cached }
