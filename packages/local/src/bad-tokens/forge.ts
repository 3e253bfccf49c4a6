import { createHmac } from 'node:crypto'
import type { BadTokenCode } from './bad-token.js'
import { base64url, signInput, signJws } from '../tokens/jws.js'
import type { SigningKey } from '../tokens/keys.js'

/** Makes a bad JWT from a good one, with the expected error code. */
export type BadJwt = readonly [name: string, code: BadTokenCode, make: (forge: Forge) => string | Promise<string>]

/** The material for bad JWTs: a good one, and keys to sign others. */
export interface Forge {
  readonly good: string
  readonly header: Members
  readonly claims: Members
  /** seconds since the epoch */
  readonly now: number
  readonly ours: SigningKey
  /** a key of another instance, for the same algorithm */
  readonly stranger: SigningKey
  /** where that key is published under our `kid` */
  readonly strangerKeysUrl: string
  /** The good token with changed members, correctly signed. `undefined` removes a member. */
  readonly resign: (changes: Changes, key?: SigningKey) => Promise<string>
  /** The good token with a raw header or payload, which need not be JSON, correctly signed. */
  readonly resignRaw: (raw: { readonly header?: Bytes; readonly payload?: Bytes }) => Promise<string>
  /** The good token with algorithm HS256 and an HMAC with this secret. */
  readonly resignByHmac: (secret: string) => string
}

export type Members = Readonly<Record<string, unknown>>
type Bytes = string | Uint8Array
interface Changes {
  readonly header?: Members
  readonly claims?: Members
}

export interface ForgeKeys {
  readonly ours: SigningKey
  readonly stranger: SigningKey
  readonly strangerKeysUrl: string
}

/** @param now seconds since the epoch */
export function forge(good: string, now: number, { ours, stranger, strangerKeysUrl }: ForgeKeys): Forge {
  const [header, claims] = good.split('.').slice(0, 2).map(membersOf) as [Members, Members]
  const [headerText, payloadText] = [header, claims].map((members) => JSON.stringify(members)) as [string, string]
  return {
    good,
    header,
    claims,
    now,
    ours,
    stranger,
    strangerKeysUrl,
    resign: (changes, key = ours) => signJws({ ...header, ...changes.header }, { ...claims, ...changes.claims }, key),
    resignRaw: (raw) =>
      signInput(`${base64url(raw.header ?? headerText)}.${base64url(raw.payload ?? payloadText)}`, ours),
    resignByHmac(secret) {
      const signingInput = `${base64url(JSON.stringify({ ...header, alg: 'HS256' }))}.${base64url(payloadText)}`
      return `${signingInput}.${createHmac('sha256', secret).update(signingInput).digest('base64url')}`
    },
  }
}

function membersOf(part: string): Members {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Members
}
