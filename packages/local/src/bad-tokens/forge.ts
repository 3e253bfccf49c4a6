import { createHmac } from 'node:crypto'
import type { BadTokenCode } from './bad-token.js'
import { base64url, signInput, signJws } from '../tokens/jws.js'
import type { SigningKey } from '../tokens/keys.js'

/** A way to make a bad JWT out of a good one, and the code that it deserves. */
export type BadJwt = readonly [name: string, code: BadTokenCode, make: (forge: Forge) => string | Promise<string>]

/** What bad JWTs are made from: a good one, and keys to sign others. */
export interface Forge {
  readonly good: string
  readonly header: Members
  readonly claims: Members
  /** seconds since the epoch */
  readonly now: number
  readonly ours: SigningKey
  /** of another instance, for the same algorithm */
  readonly stranger: SigningKey
  /** where the stranger publishes that key as if it were ours */
  readonly strangerKeysUrl: string
  /** The good token with other members, truly signed. `undefined` takes one out. */
  readonly resign: (changes: Changes, key?: SigningKey) => Promise<string>
  /** The same with a header or a payload that is not even JSON, truly signed. */
  readonly resignRaw: (raw: { readonly header?: Octets; readonly payload?: Octets }) => Promise<string>
  /** The good token with other members and an HMAC by this secret. */
  readonly resignByHmac: (secret: string) => string
}

export type Members = Readonly<Record<string, unknown>>
type Octets = string | Uint8Array
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
