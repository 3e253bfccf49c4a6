import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { startLocalClerk, type DefaultSeed, type LocalClerk, type LocalClerkOptions, type Seed } from '../src/index.js'

/** An instance that is closed when the test ends. It uses ES256, because its keys are fast to generate. */
export async function start<const S extends Seed = DefaultSeed>(
  options: LocalClerkOptions<S> = {},
): Promise<LocalClerk<S>> {
  const local = await startLocalClerk({ algorithm: 'ES256', ...options })
  onTestFinished(() => local.close())
  return local
}

export function getBackendJwks(local: LocalClerk, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${local.url}/v1/jwks`, {
    headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, ...headers },
  })
}

export function getPublicJwks(local: LocalClerk): Promise<Response> {
  return fetch(`${local.url}/.well-known/jwks.json`)
}

export interface ErrorBody {
  readonly errors: readonly { readonly code: string; readonly message: string; readonly long_message: string }[]
  readonly clerk_trace_id: string
}

export async function errorBody(response: Response): Promise<ErrorBody> {
  return (await response.json()) as ErrorBody
}

export async function errorCode(response: Response): Promise<string | undefined> {
  return (await errorBody(response)).errors[0]?.code
}

export async function publishedKids(local: LocalClerk): Promise<readonly string[]> {
  const { keys } = (await (await getPublicJwks(local)).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

/** Sends a POST with headers that `fetch` does not allow. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends raw bytes, and returns everything received until the connection ends. */
export function sendRaw(local: LocalClerk, bytes: string): Promise<string> {
  const { hostname, port } = new URL(local.url)
  const socket = connect(Number(port), hostname)
  socket.end(bytes)
  return text(socket)
}
