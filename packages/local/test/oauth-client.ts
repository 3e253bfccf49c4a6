import { createHash, randomBytes } from 'node:crypto'
import type { LocalClerk, Seed } from '../src/index.js'

/** The parts of an instance that a client of OAuth sees. */
type Instance = Pick<LocalClerk<Seed>, 'url'>

export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

/** Parameters as a query or a form. A list is sent once for each value, and `undefined` not at all. */
export function encoded(parameters: Parameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, one] as [string, string]),
  )
  return new URLSearchParams(pairs)
}

/** A code verifier, and its challenge. */
export function pkce() {
  const code_verifier = randomBytes(32).toString('base64url')
  return { code_verifier, challenge: { code_challenge: challengeOf(code_verifier), code_challenge_method: 'S256' } }
}

export function challengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url')
}

export function authorize({ url }: Instance, parameters: Parameters, headers: Record<string, string> = {}) {
  return fetch(`${url}/oauth/authorize?${encoded(parameters).toString()}`, { redirect: 'manual', headers })
}

/** The parameters that the authorization endpoint added to the redirect URI. */
export function redirected(response: Response): URL & { readonly answer: Readonly<Record<string, string>> } {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no redirect: ${response.status}`)
  const url = new URL(location)
  return Object.assign(url, { answer: Object.fromEntries(url.searchParams) })
}

/** Sends a form, by default to the token endpoint. */
export function send(
  { url }: Instance,
  parameters: Parameters | string,
  { path = '/oauth/token', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof parameters === 'string' ? parameters : encoded(parameters).toString(),
  })
}

export interface TokenAnswer {
  readonly status: number
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
  readonly error: string
  readonly error_description: string
}

/** Asks the token endpoint. */
export async function token(
  local: Instance,
  parameters: Parameters,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await send(local, parameters, { headers })
  return { status: response.status, ...((await response.json()) as object) } as TokenAnswer
}

export function basic(id: string, secret: string): Record<string, string> {
  return {
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  }
}
