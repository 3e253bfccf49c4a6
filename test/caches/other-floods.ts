import { getEventListeners } from 'node:events'
import { createMachineClient } from '@clerk-auth/core'
import { clerkAuth as clerkAuthOfHono } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { onTestFinished, vi } from 'vitest'
import { KINDS as ALL_KINDS } from '../../packages/core/src/kinds/kinds.js'
import { absentKids } from '../../packages/core/src/keys/absent-kids.js'
import { askForJson } from '../../packages/core/src/support/http.js'
import { isLocalIssuer } from '../../packages/core/src/token/local-issuer.js'
import { importKey } from '../../packages/core/src/crypto/signature.node.js'
import { fakeClock, fakeIssuer, issuerKey, keyPair, turn } from '../../packages/core/test/fixtures.js'
import { KINDS, MACHINE, opaque, USER } from '../../packages/core/test/fixtures-machines.js'
import { heldAfter } from './heap.js'
import { bearing, KEY, startInstance } from './instance.js'
import { namedIn } from './sources.js'

export async function keysOfASet(): Promise<number> {
  const { clerk, issuer } = startInstance()
  const keys = Array.from({ length: 65 }, (_, i) => ({ ...KEY.jwk, kid: `key_${i}` }))
  issuer.publish(keys.slice(1))
  await clerk.warmUp()
  const most = clerk.stats().keys.size

  const { clerk: refusing, issuer: flooding } = startInstance()
  flooding.publish(keys)
  await refusing.warmUp().catch(() => {})
  return Math.max(most, refusing.stats().keys.size)
}

export async function slowSignatures(): Promise<number> {
  const verify = importKey(keyPair('P-521').publicJwk as never, ['ES512']).get('ES512')!
  const forged = () => verify(new Uint8Array(9), new Uint8Array(132).fill(1))
  const verdicts = await Promise.all(Array.from({ length: 1000 }, async () => forged()))
  return verdicts.filter((verdict) => verdict !== undefined).length
}

export async function madeUpKids(): Promise<number> {
  const { issuer, outcomeOf } = startInstance()
  const madeUp = issuerKey('made_up')
  for (let i = 0; i < 1000; i++) await outcomeOf(madeUp.token({}, { kid: `made_up_${i}` }))
  return issuer.calls
}

/** How many of the key ids that arrived before a fetch are still known to be absent after it. */
export async function unknownKids(): Promise<number> {
  const clock = fakeClock()
  const answer = (question: number) => ({ question, fetchedAt: { now: clock.now(), monotonic: clock.monotonic() } })
  const absent = absentKids(10_000, clock)
  const kids = Array.from({ length: 1500 }, (_, i) => `made_up_${i}`)
  for (const kid of kids) absent.isAbsent(kid, 1, answer(1))
  return kids.toReversed().filter((kid) => absent.isAbsent(kid, 2, answer(2))).length
}

export async function waitingForKeys(): Promise<number> {
  const { clerk, issuer } = startInstance()
  const release = issuer.hold()
  const token = KEY.token()
  const waiting = Promise.all(Array.from({ length: 2000 }, () => clerk.authenticate(bearing(token))))
  await turn()
  const { calls } = issuer
  release()
  if (!(await waiting).every(({ isAuthenticated }) => isAuthenticated)) throw new Error('a caller got no answer')
  return calls
}

export async function listenersOnClose(): Promise<number> {
  const { signal } = new AbortController()
  const issuer = fakeIssuer(KEY.jwk)
  const release = issuer.hold()
  const request = { url: 'https://clerk.example.com', headers: {}, timeoutInMs: 60_000, maxBytes: 65_536, signal }
  const asked = Array.from({ length: 1000 }, () => askForJson(issuer.fetch, request))
  const most = getEventListeners(signal, 'abort').length
  release()
  await Promise.all(asked)
  if (getEventListeners(signal, 'abort').length > 0) throw new Error('a listener was not removed')
  return most
}

export function issuers(): Promise<number> {
  return heldAfter(() => {
    for (let i = 0; i < 10_000; i++) isLocalIssuer(`https://${i}.example.com/${'x'.repeat(8000)}`)
  })
}

export async function revocations(): Promise<number> {
  const { clerk } = startInstance()
  for (let i = 0; i < 100_100; i++) await clerk.revoke({ sessionId: `sess_${i}` })
  return clerk.stats().revocations.count
}

export async function warnings(): Promise<number> {
  const codes = namedIn('core', /'(CLERK_AUTH_(?!SHARED_SECRET)[A-Z_]+)'/g) as `CLERK_AUTH_${string}`[]
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emitWarning.mockRestore())
  // Another copy, which has given no warnings yet.
  vi.resetModules()
  const { warnOnce } = await import('../../packages/core/src/support/warning.js')
  for (let i = 0; i < 1000; i++) for (const code of codes) warnOnce(code, `${code} ${i}`)
  return emitWarning.mock.calls.length
}

export async function warningsOfOutages(): Promise<number> {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emitWarning.mockRestore())
  const { advance, outcomeOf } = startInstance({ fetch: async () => new Response('', { status: 500 }) })
  const jwts = [
    KEY.token({}, { cat: ALL_KINDS.session_token.jwt.category }),
    KEY.token({ sid: undefined, sub: MACHINE }, { cat: ALL_KINDS.m2m_token.jwt.category }),
    KEY.token({ sid: undefined, sub: USER, client_id: 'client' }, { typ: 'at+jwt' }),
    KEY.token({ sid: undefined }, { cat: ALL_KINDS.jwt_template.jwt.category }),
    // The header does not show the kind of this one.
    KEY.token(),
  ]
  for (let i = 0; i < 100; i++) {
    for (const token of [...jwts, ...KINDS.map((kind) => opaque(kind, `${i}`))]) await outcomeOf(token)
    advance(70_000)
  }
  return emitWarning.mock.calls.length
}

export async function machineClients(): Promise<number> {
  let mints = 0
  const { getToken } = createMachineClient({
    machineSecretKey: 'ak_secret',
    origins: ['https://api.example.com'],
    fetch: async () => {
      mints++
      await turn()
      return Response.json({ token: `mt_${mints}` })
    },
  })
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => getToken()))
  return Math.max(mints, new Set([...tokens, await getToken()]).size)
}

/** A runtime for the Hono adapter that passes the environment with each request. */
function workers() {
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
  onTestFinished(() => void vi.unstubAllGlobals())
  const issuer = fakeIssuer(KEY.jwk)
  const app = new Hono()
  app.use(clerkAuthOfHono({ fetch: issuer.fetch }))
  app.get('/', (c) => c.text('hello'))
  const headers = { Authorization: `Bearer ${KEY.token()}` }
  const ask = async (host: string) => {
    const environment = { CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from(`${host}$`).toString('base64')}` }
    const response = await app.request('/', { headers }, environment)
    if (response.status !== 200) throw new Error(`answered ${response.status}`)
  }
  return { ask, issuer }
}

/** An instance fetches its keys for the first token. */
export async function environments(): Promise<number> {
  const { ask, issuer } = workers()
  for (let i = 0; i < 200; i++) await ask('clerk.example.com')
  return issuer.calls
}

export function unlikeEnvironments(): Promise<number> {
  const { ask } = workers()
  return heldAfter(async () => {
    for (let i = 0; i < 60; i++) await ask(`clerk${i}.example.com`)
  })
}
