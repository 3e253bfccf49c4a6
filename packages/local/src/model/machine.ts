import { record, type Stored } from './record.js'
import { integer, list, nullable, object, string, time, withDefault } from './schema.js'

const MACHINE_SECRET = string({ pattern: /^ak_\w{42}$/ })

export const Machine = record('machine', 'mch', {
  name: string({ min: 1, max: 255 }),
  /** the newest */
  secret_key: MACHINE_SECRET,
  /** ids of the machines that it may call */
  scopes: withDefault(list(string(), { max: 150 }), []),
  /** seconds */
  default_token_ttl: withDefault(integer({ min: 1, max: 315_360_000 }), 3600),
  /** the rotated key, valid until a time in milliseconds since the epoch */
  previous: withDefault(nullable(object({ secret_key: MACHINE_SECRET, valid_until: time() })), null),
})

export type Machine = Stored<typeof Machine>
