import { record, type Stored } from './record.js'
import { integer, json, object, orNull, string, withDefault } from './schema.js'

/** A template for custom JWTs of an application. */
export const JwtTemplate = record('jwt_template', 'jtmp', {
  name: string({ min: 1, max: 255 }),
  claims: json(),
  /** seconds */
  lifetime: withDefault(integer({ min: 30, max: 315_360_000 }), 60),
  /** seconds */
  allowed_clock_skew: withDefault(integer({ min: 0, max: 300 }), 5),
  /** a secret for HS256, HS384 and HS512, otherwise a private key as PEM; `null`: the instance's own key signs */
  signer: orNull(object({ algorithm: string(), key: string() })),
})

export type JwtTemplate = Stored<typeof JwtTemplate>
