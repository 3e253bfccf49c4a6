import type { Table } from '../attacks.js'
import { patterns } from './patterns.js'
import { permissions } from './permissions.js'
import { scopes } from './scopes.js'

export const grants: Table<'grants'> = { ...scopes, ...permissions, ...patterns }
