import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { AuthError, type AuthErrorCode } from '../src/auth/errors.js'
import { revocationsOf, type Revocations } from '../src/fleet/revocations.js'
import type { Clock } from '../src/support/clock.js'
import type { MaybePromise } from '../src/support/maybe-promise.js'
import type { Fetch } from '../src/support/http.js'
import type { VerificationKey } from '../src/keys/jwk.js'
import type { KeySource } from '../src/keys/key-source.js'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

export const ISSUER = 'https://clerk.example.com'
export const NOW = Date.UTC(2026, 0, 1)

/** Both clocks are stopped until they are moved. */
export interface FakeClock extends Clock {
  readonly advance: (ms: number) => void
  /** Moves only the wall clock. */
  readonly setWall: (ms: number) => void
}

export function fakeClock(start = NOW): FakeClock {
  let wall = start
  let monotonic = 5000
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance: (ms) => {
      wall += ms
      monotonic += ms
    },
    setWall: (ms) => {
      wall = ms
    },
  }
}

export interface Jwk {
  readonly kty: string
  readonly [member: string]: unknown
}

export interface KeyPair {
  readonly publicJwk: Jwk
  readonly privateKey: KeyObject
}

/** A new key pair. RSA is slow, so share one between tests. */
export function keyPair(type: 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | number): KeyPair {
  const { publicKey, privateKey } =
    typeof type === 'number'
      ? generateKeyPairSync('rsa', { modulusLength: type })
      : type === 'Ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: type })
  return { publicJwk: publicKey.export({ format: 'jwk' }) as Jwk, privateKey }
}

export function publicJwkOf(privateKey: KeyObject): Jwk {
  return createPublicKey(privateKey).export({ format: 'jwk' }) as Jwk
}

/** An ES256 key of an issuer. */
export interface IssuerKey {
  readonly kid: string
  readonly jwk: Jwk
  /** A session token that is valid for a minute from {@link NOW}. A claim that is `undefined` is omitted. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>) => string
}

export function issuerKey(kid = 'key_1', pair = keyPair('P-256')): IssuerKey {
  return {
    kid,
    jwk: { ...pair.publicJwk, kid, use: 'sig' },
    token: (claims = {}, header = {}) => {
      const input = `${part({ alg: 'ES256', typ: 'JWT', kid, ...header })}.${part({ ...sessionClaims(), ...claims })}`
      const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
  }
}

export function sessionClaims(now = NOW): Record<string, unknown> {
  const iat = now / SECOND
  return { iss: ISSUER, sub: 'user_alice', sid: 'sess_1', azp: 'https://app.example.com', iat, nbf: iat, exp: iat + 60 }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The same token with other claims and the old signature. */
export function tampered(token: string, claims: Readonly<Record<string, unknown>>): string {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const old = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${header}.${part({ ...old, ...claims })}.${signature}`
}

/** An issuer without a network: gives the configured responses, and counts requests. */
export interface FakeIssuer {
  readonly fetch: Fetch
  readonly calls: number
  readonly requests: readonly { readonly url: string; readonly init: RequestInit }[]
  /** Sets the response from now on. */
  readonly publish: (keys: readonly unknown[], headers?: Record<string, string>) => void
  readonly answer: (make: () => Response | Promise<Response>) => void
  readonly fail: (status?: number, headers?: Record<string, string>) => void
  /** Holds back all responses until the returned function is called. */
  readonly hold: () => () => void
}

export function fakeIssuer(...keys: readonly unknown[]): FakeIssuer {
  const requests: { url: string; init: RequestInit }[] = []
  let make: () => Response | Promise<Response> = () => Response.json({ keys })
  let held = Promise.resolve()
  return {
    fetch: async (url, init) => {
      requests.push({ url, init })
      // An aborted request ends at once, as with the real fetch.
      await Promise.race([held, aborted(init.signal)])
      return make()
    },
    get calls() {
      return requests.length
    },
    requests,
    publish: (published, headers = {}) => {
      make = () => Response.json({ keys: published }, { headers })
    },
    answer: (other) => {
      make = other
    },
    fail: (status = 500, headers = {}) => {
      make = () => new Response('down', { status, headers })
    },
    hold: () => {
      const { promise, resolve } = withResolvers()
      held = promise
      return () => {
        held = Promise.resolve()
        resolve()
      }
    },
  }
}

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

/** The key for a token, as the verifier gets it: without a promise if it is in hand. */
export function findKey(keys: KeySource, kid: string | undefined): MaybePromise<VerificationKey> {
  return keys.inHand(kid) ?? keys.find(kid)
}

/** Revocations of tokens issued by a clock that may differ by 5 seconds. */
export function noRevocations(clock: Clock): Revocations {
  return revocationsOf(clock, 5 * SECOND, () => {})
}

export interface Resolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function withResolvers<T = void>(): Resolvers<T> {
  let resolve!: Resolvers<T>['resolve']
  let reject!: Resolvers<T>['reject']
  const promise = new Promise<T>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  return { promise, resolve, reject }
}

/** Runs all pending microtasks and immediate callbacks. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The refusal that `work` throws or rejects with. */
export async function refusalOf(work: () => unknown): Promise<AuthError> {
  try {
    await work()
  } catch (error) {
    if (AuthError.is(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

export async function codeOf(work: () => unknown): Promise<AuthErrorCode> {
  return (await refusalOf(work)).code
}

/** `passed`, or the code of the refusal. */
export async function outcomeOf(work: () => unknown): Promise<AuthErrorCode | 'passed'> {
  try {
    await work()
    return 'passed'
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
}

/** The order of the group, for signatures that are just outside it. */
export const ORDERS = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  Ed25519: 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn,
} as const

export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

export function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}
