import { askForJson, type Fetch } from '../support/http.js'

/** A token that a machine uses to call another one. */
export interface MachineToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly mintedAt: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface MintOptions {
  readonly apiUrl: string
  readonly format: 'jwt' | 'opaque'
  readonly ttlInSeconds: number
  readonly now: () => number
  readonly fetch: Fetch
}

/** Why minting failed. `machine-secret-refused`: Clerk does not know the secret key of the machine. */
export type MintFailure = Error & { readonly code: 'machine-secret-refused' | 'machine-token-unavailable' }

const TIMEOUT_IN_MS = 3000
const MAX_BYTES = 64 * 1024

const REFUSED = 'Clerk refused the machine secret key: copy it again from the page of the machine in the dashboard'

/**
 * Asks Clerk for an M2M token: https://clerk.com/docs/guides/development/machine-auth/m2m-tokens
 *
 * @throws {MintFailure}
 */
export async function mintMachineToken(secret: string, options: MintOptions): Promise<MachineToken> {
  const { apiUrl, format, ttlInSeconds, now, fetch } = options
  const mintedAt = now()
  // Not sent, because an invalid secret could end up in an error message and a log.
  if (secret === '')
    throw mintFailure('machine-secret-refused', 'the machine secret key is empty: is CLERK_MACHINE_SECRET_KEY set?')
  if (!/^ak_[\x21-\x7e]+$/.test(secret))
    throw mintFailure('machine-secret-refused', 'the machine secret key does not start with "ak_", or contains a space')
  const answer = await askForJson(fetch, {
    url: `${apiUrl}/m2m_tokens`,
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json', Accept: 'application/json' },
    body: { token_format: format, seconds_until_expiration: ttlInSeconds },
    timeoutInMs: TIMEOUT_IN_MS,
    maxBytes: MAX_BYTES,
    signal: new AbortController().signal,
  }).catch((cause: unknown) => {
    throw mintFailure('machine-token-unavailable', 'no answer from Clerk', cause)
  })

  if (answer.status === 401) throw mintFailure('machine-secret-refused', REFUSED)
  const token = (answer.json as { token?: unknown } | null | undefined)?.token
  if ((answer.status !== 200 && answer.status !== 201) || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw mintFailure('machine-token-unavailable', `Clerk responded with ${answer.status}, without a token`)
  // Measured before the call, so that the token is replaced too early rather than too late.
  return { token, mintedAt, expiresAt: mintedAt + ttlInSeconds * 1000 }
}

export function isMintFailure(error: unknown): error is MintFailure {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('machine-')
}

export function mintFailure(code: MintFailure['code'], message: string, cause?: unknown): MintFailure {
  return Object.assign(new Error(message, { cause }), { code })
}
