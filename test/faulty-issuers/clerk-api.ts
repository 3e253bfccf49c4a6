import type { ClerkAuthOptions } from '@clerk-auth/core'
import { startApi, type Answer, type Api } from './api.js'
import { CANARY, json, startIssuer, type Issuer } from './issuer.js'
import { NOW } from './signer.js'

export type Kind = 'm2m_token' | 'oauth_token' | 'api_key'
export const KINDS: readonly Kind[] = ['m2m_token', 'oauth_token', 'api_key']

const PREFIXES = { m2m_token: 'mt', oauth_token: 'oat', api_key: 'ak' } as const
const SECRET = 'ak_secret_of_the_machine'

/** An opaque token of a kind; those that Clerk knows start with "known". */
export function opaque(kind: Kind, name: string): string {
  return `${PREFIXES[kind]}_${name.padEnd(24, '_')}`
}

const COMMON = { revoked: false, expired: false, expiration: NOW + 24 * 3600_000, note: CANARY }
const ID = '0123456789abcdef0123456789abcdef'

/** Clerk's response for a token that it knows. */
export const RECORDS = {
  m2m_token: {
    ...COMMON,
    object: 'machine_to_machine_token',
    id: `mt_${ID}`,
    subject: `mch_${'m'.repeat(27)}`,
    scopes: [],
    claims: { tier: 'gold' },
  },
  oauth_token: {
    ...COMMON,
    object: 'clerk_idp_oauth_access_token',
    id: `oat_${ID}`,
    client_id: 'client_1',
    subject: `user_${'u'.repeat(27)}`,
    scopes: ['read'],
  },
  api_key: {
    ...COMMON,
    object: 'api_key',
    id: `ak_${ID}`,
    subject: `user_${'u'.repeat(27)}`,
    name: 'deploy',
    claims: null,
    scopes: [],
  },
} as const

/** The body with which Clerk refuses. */
export const CLERK_ERROR = { errors: [{ message: CANARY, long_message: CANARY, code: 'resource_not_found' }] }

/** Clerk's verify endpoints: they accept known tokens, until configured otherwise. */
export function startClerk(): Promise<Issuer> {
  return startIssuer({
    good: (path) => JSON.stringify(RECORDS[kindOf(path)]),
    healthy: ({ response, body, good }) =>
      body.includes('_known') ? json(response, 200, good) : json(response, 404, CLERK_ERROR),
  })
}

export function startApiOf(
  clerk: Issuer,
  remote: ClerkAuthOptions['remote'] = {},
  cache: ClerkAuthOptions['cache'] = {},
): Api {
  return startApi({
    cache,
    apiUrl: clerk.url,
    secretKey: 'sk_live_secret',
    machineSecretKey: SECRET,
    acceptsToken: 'any',
    remote: { timeoutInMs: 60_000, ...remote },
  })
}

/** What a caller gets if Clerk answers like this, and in how many calls. */
export async function judge(kind: Kind, status: number, body: string): Promise<{ answer: Answer; calls: number }> {
  const clerk = await startClerk()
  const api = startApiOf(clerk)
  clerk.answer(({ response }) => json(response, status, body))
  const answer = await api.ask(opaque(kind, 'known'))
  const { calls = 0 } = api.clerk.stats().remote[kind] ?? {}
  await clerk.stop()
  return { answer, calls }
}

export function kindOf(path: string): Kind {
  if (path.includes('/m2m_tokens/')) return 'm2m_token'
  return path.includes('/api_keys/') ? 'api_key' : 'oauth_token'
}

/** Gives each row a kind, so that every kind meets every sort of fault. */
export function byTurns<T>(rows: readonly (readonly [name: string, fault: T])[]): [string, Kind, T][] {
  return rows.map(([name, fault], i) => [name, KINDS[i % KINDS.length]!, fault])
}
