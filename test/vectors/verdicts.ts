import { AuthError, type AuthErrorCode, type ClerkAuthOptions } from '@clerk-auth/core'
import type { Algorithm } from '../../packages/core/src/crypto/algorithms.js'
import { NOW } from '../../packages/core/test/fixtures.js'
import { both, onBoth, type Both, type Core } from './implementations.js'
import { KID } from './tokens.js'

export type Outcome = AuthErrorCode | 'passed'

/** What an API with this key answers for a token, and what the key itself says about the signature. */
export interface Verdict {
  readonly token: Outcome
  /** Without checking its length. `undefined`: the key does not verify the algorithm of the token. */
  readonly signature: boolean | undefined
}

export const VALID: Both<Verdict> = both({ token: 'passed', signature: true })
export const FORGED: Both<Verdict> = both({ token: 'token-invalid-signature', signature: false })
export const UNSUITABLE: Both<Verdict> = both({ token: 'jwk-unsuitable', signature: undefined })

export function verdictsOn(jwk: object, token: string): Promise<Both<Verdict>> {
  return judgeOf(jwk)(token)
}

/** The same for many tokens: the key is imported once. */
export function judgeOf(jwk: object): (token: string) => Promise<Both<Verdict>> {
  const api = apiWith({ jwks: { keys: [SPARE, { ...jwk, kid: KID }] } })
  const keys = onBoth(({ importJwk }) => importJwk(jwk))
  return async (token) => {
    const outcomes = await outcomesOf(token, api)
    const { node, web } = await keys
    return {
      node: { token: outcomes.node, signature: await signatureVerdict(node, token) },
      web: { token: outcomes.web, signature: await signatureVerdict(web, token) },
    }
  }
}

/** An API with these options, which makes no requests. */
export function apiWith(options: ClerkAuthOptions): Promise<Both<Verifier>> {
  return onBoth(({ createClerkAuth }) => createClerkAuth({ now: () => NOW, ...options }, {}))
}

type Verifier = Pick<ReturnType<Core['createClerkAuth']>, 'verifyToken'>

/** What such an API answers for a token. */
export async function outcomesOf(token: unknown, api: Promise<Both<Verifier>>): Promise<Both<Outcome>> {
  const { node, web } = await api
  return { node: await outcomeOf(token, node), web: await outcomeOf(token, web) }
}

async function outcomeOf(token: unknown, api: Verifier): Promise<Outcome> {
  try {
    await api.verifyToken(token as string)
    return 'passed'
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
}

async function signatureVerdict(key: Key, token: string): Promise<boolean | undefined> {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: Algorithm }
  return signs(key, alg, `${header}.${payload}`, signature)
}

type Key = Awaited<ReturnType<Core['importJwk']>>

/** Whether the key itself accepts `signature` over `message`. */
export function signs(key: Key, alg: Algorithm, message: string, signature: string) {
  return key?.verifiers.get(alg)?.(bytes(message, 'latin1'), bytes(signature, 'base64url'))
}

function bytes(text: string, encoding: BufferEncoding): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, encoding))
}

/** A key set in the options must have a usable key, even if the tested key is not one. */
const SPARE = {
  kid: 'spare',
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', // RFC 8037 appendix A.2
}
