import { expect } from 'vitest'
import { startApi, type Answer, type Api } from './api.js'
import { CANARY, startIssuer, type Issuer } from './issuer.js'
import { ISSUER, NOW, signer, signingInput, tampered } from './signer.js'

const MINUTE = 60_000

export const key = signer('key_1')
const stranger = signer('made_up')
export const good = key.token()

const tokens = {
  good,
  'of a made-up key': stranger.token(),
  tampered: tampered(good),
  expired: key.token({ iat: NOW / 1000 - 120, nbf: NOW / 1000 - 120, exp: NOW / 1000 - 60 }),
  'without an algorithm': `${signingInput({ alg: 'none', kid: 'key_1' })}.${good.split('.')[2]}`,
  'no token': 'nonsense',
}

export const UNAVAILABLE = [503, 'keys-unavailable', expect.any(Number)]
const READ_ALONE = { 'without an algorithm': [401, 'token-invalid-algorithm'], 'no token': [401, 'token-malformed'] }
const HEALTHY = {
  ...READ_ALONE,
  good: [200],
  'of a made-up key': [401, 'jwk-kid-mismatch'],
  tampered: [401, 'token-invalid-signature'],
  expired: [401, 'token-expired'],
}
const WITHOUT_KEYS = {
  ...READ_ALONE,
  good: UNAVAILABLE,
  'of a made-up key': UNAVAILABLE,
  tampered: UNAVAILABLE,
  expired: UNAVAILABLE,
}
const WITH_KEYS = { ...HEALTHY, 'of a made-up key': UNAVAILABLE }

/** A fault of an issuer, and how long an API waits for it. */
export interface Outage {
  readonly begin: (issuer: Issuer) => void
  readonly timeoutInMs: number
}

/** What callers get while an issuer fails and afterwards, and what the operator sees. */
export interface Observed {
  readonly issuer: Issuer
  readonly during: Readonly<Record<string, Answer>>
  readonly reported: readonly { readonly reason: string; readonly serving: boolean }[]
  /** Whether the keys are in hand while it fails. */
  readonly ready: boolean
  readonly after: Readonly<Record<string, Answer>>
}

/** No token is accepted or refused without a key set, and every token is once there is one. */
export const noVerdict = (reason: string) => ({
  during: WITHOUT_KEYS,
  reported: [{ reason, serving: false }],
  ready: false,
  after: HEALTHY,
})

/** An outage does not affect callers whose key is in hand, and the others are not refused for it. */
export const keysServeOn = (reason: string) => ({
  during: WITH_KEYS,
  reported: [{ reason, serving: true }],
  ready: true,
  after: HEALTHY,
})

export async function outageAtStart({ begin, timeoutInMs }: Outage): Promise<Observed> {
  const issuer = await startKeyIssuer()
  return observe(begin, issuer, startApiOf(issuer, timeoutInMs))
}

/** An outage that begins when a key set is in hand, and is almost stale. */
export async function outageLater({ begin, timeoutInMs }: Outage): Promise<Observed> {
  const issuer = await startKeyIssuer()
  const api = startApiOf(issuer, timeoutInMs)
  await recover(issuer, api)
  api.advance(61 * MINUTE)
  return observe(begin, issuer, api)
}

async function observe(begin: Outage['begin'], issuer: Issuer, api: Api): Promise<Observed> {
  const before = failuresOf(api).length
  begin(issuer)
  const during = await callersOf(api)
  const reported = failuresOf(api).slice(before)
  const { ready } = api.clerk
  await recover(issuer, api)
  return { issuer, during, reported, ready, after: await callersOf(api) }
}

export function startKeyIssuer(): Promise<Issuer> {
  return startIssuer({ good: () => JSON.stringify({ keys: [key.jwk], note: CANARY }) })
}

export function startApiOf(issuer: Issuer, timeoutInMs: number): Api {
  return startApi({ frontendApiUrl: issuer.url, issuer: ISSUER, keys: { timeoutInMs, unknownKidEveryMs: 10_000 } })
}

/** Made-up keys use up the fetches of the API. On a busy machine a short deadline may take another round. */
async function recover(issuer: Issuer, api: Api): Promise<void> {
  issuer.heal()
  do {
    api.advance(MINUTE)
    await api.ask(tokens['of a made-up key'])
    await api.ask(tokens['of a made-up key'])
  } while (api.events.findLast(({ type }) => type.startsWith('keys-'))?.type !== 'keys-fetched')
}

/** What concurrent callers of every sort get. */
async function callersOf(api: Api): Promise<Record<string, Answer>> {
  const names = Object.keys(tokens) as (keyof typeof tokens)[]
  const answers = await Promise.all(names.map(async (name) => [name, await api.ask(tokens[name])] as const))
  return Object.fromEntries(answers)
}

function failuresOf({ events }: Api) {
  return events.flatMap((event) =>
    event.type === 'keys-failed' ? [{ reason: event.reason, serving: event.serving }] : [],
  )
}
