import type { ClerkAuthEvent } from '@clerk-auth/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { targets, type Served } from '../contract/targets.js'
import { brokenAnswers, oversizedAnswers } from './broken-answers.js'
import { kindOf, opaque, RECORDS } from './clerk-api.js'
import { endlessAnswers } from './endless-answers.js'
import { CANARY, json, startIssuer, stopIssuers, type Behaviour, type Issuer } from './issuer.js'
import { ISSUER, NOW, signer, tampered } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const key = signer('key_1')
const good = key.token()
const machines = [
  ['/machine/x', opaque('m2m_token', 'known')],
  ['/oauth/x', opaque('oauth_token', 'known')],
  ['/api-key/x', opaque('api_key', 'known')],
] as const

const NEAR = 300
const FAR = 60_000
const UNAVAILABLE = 'verification-unavailable'
const MISCONFIGURED = 'verification-misconfigured'

type Fault = readonly [name: string, behave: Behaviour, timeoutInMs: number, code: string]

/** One of each kind of fault, and the result for a machine token. */
const faults: readonly Fault[] = [
  ...pick(endlessAnswers, NEAR, ['never answers', 'sends its response one byte at a time']),
  ...pick(brokenAnswers, FAR, [
    'resets the connection',
    'speaks another protocol',
    'declares a length larger than its body',
  ]),
  ...pick(oversizedAnswers, FAR, ['has an endless chunked body', 'is a gzip bomb']),
  ['answers HTML', answeredWith(200, `<html>${CANARY}`), FAR, UNAVAILABLE],
  ['answers without keys', answeredWith(200, '{"keys":[]}'), FAR, UNAVAILABLE],
  ['is down', answeredWith(503, CANARY, { 'Retry-After': '3600' }), FAR, UNAVAILABLE],
  ['limits the rate', answeredWith(429, CANARY, { 'Retry-After': '7' }), FAR, 'verification-rate-limited'],
  ['refuses our secret', answeredWith(401, CANARY), FAR, MISCONFIGURED],
  ['is replaced by another server', answeredWith(404, CANARY), FAR, MISCONFIGURED],
  ['redirects callers', answeredWith(302, CANARY, { Location: `/${CANARY}` }), FAR, MISCONFIGURED],
]

function answeredWith(status: number, body: string, headers: Record<string, string> = {}): Behaviour {
  return ({ response }) => json(response, status, body, headers)
}

function pick(table: readonly (readonly [string, Behaviour])[], timeoutInMs: number, names: string[]): Fault[] {
  return names.map((name) => {
    const [, behave] = table.find(([other]) => other === name)!
    return [name, behave, timeoutInMs, UNAVAILABLE]
  })
}

describe.each(targets)('$name, with an issuer that', (target) => {
  let served: Served | undefined
  afterEach(() => served?.close())
  const events: ClerkAuthEvent[] = []
  const seen: unknown[] = []

  async function serve(timeoutInMs: number): Promise<Issuer> {
    const issuer = await startIssuer({
      good: (path) => JSON.stringify(path.includes('jwks') ? { keys: [key.jwk] } : RECORDS[kindOf(path)]),
    })
    const options = {
      frontendApiUrl: issuer.url,
      apiUrl: issuer.url,
      issuer: ISSUER,
      secretKey: 'sk_live_secret',
      machineSecretKey: 'ak_machine_secret',
      keys: { timeoutInMs },
      remote: { timeoutInMs },
      now: () => NOW,
      onEvent: (event: ClerkAuthEvent) => void events.push(event),
    }
    served = await target.serve({ clerk: [options], seen })
    return issuer
  }

  async function ask(path: string, token: string) {
    const response = await fetch(served!.url + path, { headers: { Authorization: `Bearer ${token}` } })
    const text = await response.text()
    const headers = Object.fromEntries(response.headers)
    expect(JSON.stringify([headers, text, events])).not.toContain(CANARY)
    expect(seen).toEqual([])
    return { status: response.status, headers, body: JSON.parse(text) as Record<string, unknown> }
  }

  async function expectUnavailable(path: string, token: string, code: string) {
    const { status, headers, body } = await ask(path, token)
    expect({ status, code: body['code'] }).toEqual({ status: 503, code })
    expect(headers['retry-after']).toMatch(/^[1-9]\d?$/)
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers).not.toHaveProperty('www-authenticate')
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'code', 'detail'])
  }

  it.each(faults)('%s: answers 503 with Retry-After', async (_name, behave, timeoutInMs, code) => {
    const issuer = await serve(timeoutInMs)
    issuer.answer(behave)
    await Promise.all([
      expectUnavailable('/me', good, 'keys-unavailable'),
      expectUnavailable('/me', tampered(good), 'keys-unavailable'),
      ...machines.map(([path, token]) => expectUnavailable(path, token, code)),
    ])
    expect(await ask('/public', good)).toMatchObject({ status: 200, body: { code: 'keys-unavailable' } })
    expect(await ask('/me', 'nonsense')).toMatchObject({ status: 401, body: { code: 'token-malformed' } })
    expect(await ask('/machine/x', 'mt_short')).toMatchObject({ status: 401, body: { code: 'token-malformed' } })
    await issuer.released()
  })

  it('works: accepts valid callers', async () => {
    await serve(FAR)
    expect(await ask('/me', good)).toMatchObject({ status: 200 })
    expect(await ask('/me', tampered(good))).toMatchObject({ status: 401, body: { code: 'token-invalid-signature' } })
    for (const [path, token] of machines) expect(await ask(path, token)).toMatchObject({ status: 200 })
  })
})
