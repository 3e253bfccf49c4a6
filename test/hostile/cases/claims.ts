import type { Table } from '../attacks.js'
import { parties } from './parties.js'
import { times } from './times.js'

export const claims: Table<'claims'> = { ...times, ...parties }
