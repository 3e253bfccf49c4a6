import type { Table } from '../attacks.js'
import { secrets } from './secrets.js'
import { unsuitable } from './unsuitable.js'

export const keys: Table<'keys'> = { ...secrets, ...unsuitable }
