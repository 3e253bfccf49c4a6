import { record, type Stored } from './record.js'
import { integer, list, object, orNull, string, time, withDefault } from './schema.js'

/** how many machines a machine may call */
export const MAX_SCOPES = 150

/** seconds */
export const TOKEN_TTL = integer({ min: 1, max: 315_360_000 })

const MACHINE_SECRET = string({ pattern: /^ak_\w{42}$/ })

export const Machine = record('machine', 'mch', {
  name: string({ min: 1, max: 255 }),
  /** the newest */
  secret_key: MACHINE_SECRET,
  /** ids of the machines that it may call */
  scopes: withDefault(list(string(), { max: MAX_SCOPES }), []),
  /** seconds */
  default_token_ttl: withDefault(TOKEN_TTL, 3600),
  /** the rotated key, valid until a time in milliseconds since the epoch */
  previous: orNull(object({ secret_key: MACHINE_SECRET, valid_until: time() })),
})

export type Machine = Stored<typeof Machine>
