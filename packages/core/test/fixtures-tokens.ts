import { setImmediate } from 'node:timers/promises'
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import type { SessionAuth } from '../src/auth/auth.js'
import { AuthError, type AuthErrorCode } from '../src/auth/errors.js'
import type { JsonObject } from '../src/support/json.js'
import { KINDS } from '../src/kinds/kinds.js'

/** Milliseconds since the epoch. */
export const NOW = 1_800_000_000_000
const SECONDS = NOW / 1000

/** The code with which `work` is refused. Any other error is a bug, and fails the test. */
export function codeOf(work: () => unknown): AuthErrorCode | undefined {
  try {
    work()
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
  return undefined
}

/** What `work` throws, if it is a `TypeError`. */
export function typeErrorOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  return undefined
}

export function sessionClaims(claims: JWTPayload = {}): JWTPayload {
  const times = { iat: SECONDS, nbf: SECONDS - 10, exp: SECONDS + 60 }
  return { iss: 'https://clerk.example.com', sub: 'user_2a', sid: 'sess_2a', v: 2, ...times, ...claims }
}

/** A token with a real signature. Fields that are `undefined` are omitted. */
export async function mint(header: object = {}, claims: object = {}): Promise<string> {
  const { privateKey } = await keys('RS256')
  const complete = { alg: 'RS256', typ: 'JWT', kid: 'ins_2a', ...header }
  return new SignJWT(sessionClaims(claims as JWTPayload)).setProtectedHeader(complete).sign(privateKey)
}

/** A token of any bytes, without a valid signature. */
export function forge(header: unknown, payload: unknown, signature = 'c2ln'): string {
  return `${encode(header)}.${encode(payload)}.${signature}`
}

function encode(part: unknown): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

const readSession = KINDS.session_token.jwt.reader({
  missingAzp: 'reject',
  clockSkewInMs: 0,
  treatPendingAsSignedOut: false,
  machineId: undefined,
})

export function session(claims: object = {}): SessionAuth {
  return readSession(sessionClaims(claims as JWTPayload) as JsonObject, NOW)
}

/** The process warnings that `work` causes. */
export async function warningsOf(work: () => void): Promise<string[]> {
  const warnings: string[] = []
  const listen = ({ message }: Error) => warnings.push(message)
  await setImmediate() // earlier warnings are emitted first
  process.on('warning', listen)
  work()
  await setImmediate()
  process.off('warning', listen)
  return warnings
}

const pairs = new Map<string, ReturnType<typeof generateKeyPair>>()

/** One key pair per algorithm, generated on first use. */
function keys(algorithm: string): ReturnType<typeof generateKeyPair> {
  const pair = pairs.get(algorithm) ?? generateKeyPair(algorithm, { extractable: true })
  pairs.set(algorithm, pair)
  return pair
}

export async function exported(algorithm: string) {
  const { publicKey, privateKey } = await keys(algorithm)
  return {
    pem: (await exportSPKI(publicKey)).trim(),
    privatePem: await exportPKCS8(privateKey),
    jwk: await exportJWK(publicKey),
    privateJwk: await exportJWK(privateKey),
  }
}
