import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import type { MaybePromise } from '../src/support/maybe-promise.js'
import type { Fetch } from '../src/support/http.js'
import { KINDS as ALL_KINDS, OPAQUE_TOKEN_TYPES, type OpaqueTokenType } from '../src/kinds/kinds.js'
import type { OpaqueVerifier } from '../src/introspection/verify-opaque.js'
import { HOUR, NOW, withResolvers } from './fixtures.js'

export const MACHINE = `mch_${'a'.repeat(27)}`
export const OTHER_MACHINE = `mch_${'b'.repeat(27)}`
/** This service. */
export const HERE = `mch_${'h'.repeat(27)}`
export const USER = `user_${'u'.repeat(27)}`
export const ORG = `org_${'o'.repeat(27)}`
export const CLIENT = 'client_partner'

const HEX = '0123456789abcdefABCDEF0123456789'

/** An opaque token of a kind. Each name gives another token. */
export function opaque(tokenType: OpaqueTokenType, name = 'one'): string {
  return `${{ m2m_token: 'mt_', oauth_token: 'oat_', api_key: 'ak_' }[tokenType]}${name.padEnd(20, '_')}`
}

const COMMON = { revoked: false, revocation_reason: null, expired: false, expiration: NOW + HOUR, created_at: NOW }

/** Clerk's response for a valid token. A member that is `undefined` is omitted. */
export const ANSWERS = {
  m2m_token: {
    ...COMMON,
    object: 'machine_to_machine_token',
    id: `mt_${HEX}`,
    subject: MACHINE,
    scopes: [HERE, OTHER_MACHINE],
    claims: { tier: 'gold' },
  },
  oauth_token: {
    ...COMMON,
    object: 'clerk_idp_oauth_access_token',
    id: `oat_${HEX}`,
    client_id: CLIENT,
    subject: USER,
    scopes: ['invoices:read', 'profile'],
  },
  api_key: {
    ...COMMON,
    object: 'api_key',
    id: `ak_${HEX}`,
    type: 'api_key',
    subject: USER,
    name: 'deploy',
    claims: null,
    scopes: ['deploy'],
  },
} as const satisfies Record<OpaqueTokenType, object>

/** The kinds that have an opaque form. */
export const KINDS = OPAQUE_TOKEN_TYPES

/** The callers with valid tokens. */
export const AUTHS = {
  m2m_token: ALL_KINDS.m2m_token.opaque.read({ ...ANSWERS.m2m_token, scopes: [HERE], claims: null }, NOW + HOUR)!,
  oauth_token: ALL_KINDS.oauth_token.opaque.read(ANSWERS.oauth_token, NOW + HOUR)!,
  api_key: ALL_KINDS.api_key.opaque.read(ANSWERS.api_key, NOW + HOUR)!,
} as const

/** The body with which Clerk refuses. */
export const CLERK_ERROR = { errors: [{ message: 'Not Found', long_message: 'Not Found', code: 'not_found' }] }

export function good(tokenType: OpaqueTokenType, members: object = {}): Response {
  return Response.json({ ...ANSWERS[tokenType], ...members })
}

export function unknownToken(): Response {
  return Response.json(CLERK_ERROR, { status: 404 })
}

export interface Question {
  readonly url: string
  readonly init: RequestInit
  readonly token: string
  readonly tokenType: OpaqueTokenType
}

/** Clerk without a network: knows every token whose name does not start with "bad", and counts calls. */
export interface FakeClerk {
  readonly fetch: Fetch
  readonly questions: readonly Question[]
  readonly calls: number
  /** Sets the response from now on. */
  readonly answer: (make: (question: Question) => Response | Promise<Response>) => void
  /** Holds back all responses until the returned function is called. */
  readonly hold: () => () => void
}

export function fakeClerk(): FakeClerk {
  const questions: Question[] = []
  let make = ({ token, tokenType }: Question): Response | Promise<Response> =>
    /^[a-z]+_bad/.test(token) ? unknownToken() : good(tokenType)
  let held = Promise.resolve()
  return {
    fetch: async (url, init) => {
      const question = questionOf(url, init)
      questions.push(question)
      await Promise.race([held, aborted(init.signal)])
      return make(question)
    },
    questions,
    get calls() {
      return questions.length
    },
    answer: (other) => {
      make = other
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

function questionOf(url: string, init: RequestInit): Question {
  const body = JSON.parse(init.body as string) as Record<string, string>
  const token = body['token'] ?? body['access_token'] ?? body['secret'] ?? ''
  const tokenType = url.includes('/m2m_tokens/') ? 'm2m_token' : url.includes('/api_keys/') ? 'api_key' : 'oauth_token'
  return { url, init, token, tokenType }
}

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

/** Verifies tokens as the authenticator does: without a promise if Clerk's response is cached. */
export function recallOrVerify({ recall, verify }: OpaqueVerifier): (token: string) => MaybePromise<AuthenticatedAuth> {
  return (token) => {
    const digest = hash('sha256', token, 'hex')
    return recall(digest) ?? verify(token, digest)
  }
}

export interface Server {
  readonly url: string
  readonly requests: readonly IncomingMessage[]
}

/** A server on loopback. */
export async function serve(listener: RequestListener): Promise<Server> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    response.on('error', () => {})
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** The unhandled rejections while `work` ran. */
export async function unheardOf(work: () => Promise<unknown>): Promise<unknown[]> {
  const unheard: unknown[] = []
  const listen = (reason: unknown) => void unheard.push(reason)
  process.on('unhandledRejection', listen)
  await work()
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listen)
  return unheard
}
