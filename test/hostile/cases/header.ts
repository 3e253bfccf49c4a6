import type { Table } from '../attacks.js'
import { algorithm } from './algorithm.js'
import { parameters } from './parameters.js'

export const header: Table<'header'> = { ...algorithm, ...parameters }
