import type { Table } from '../attacks.js'
import { ecdsa } from './ecdsa.js'
import { eddsaRsa } from './eddsa-rsa.js'
import { remembered } from './introspection-cache.js'

export const signatures: Table<'signatures'> = { ...ecdsa, ...eddsaRsa, ...remembered }
