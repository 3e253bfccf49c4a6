import { record, type Stored } from './record.js'
import { string } from './schema.js'

/** Where native applications may be sent after signing in. */
export const RedirectUrl = record('redirect_url', 'ru', { url: string({ min: 1, max: 2048 }) })

export type RedirectUrl = Stored<typeof RedirectUrl>
