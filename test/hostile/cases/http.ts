import type { Table } from '../attacks.js'
import { credentials } from './credentials.js'
import { routes } from './routes.js'

export const http: Table<'http'> = { ...credentials, ...routes }
