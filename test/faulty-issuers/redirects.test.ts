import { afterAll, describe, expect, it } from 'vitest'
import { startApi } from './api.js'
import { KINDS, opaque, startApiOf as startApiOfClerk, startClerk } from './clerk-api.js'
import { CANARY, stopIssuers, type Exchange, type Issuer } from './issuer.js'
import { good, startApiOf, startKeyIssuer, UNAVAILABLE } from './key-set-outage.js'
import { ISSUER } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

/** Targets to which an issuer may redirect a request. Every one would accept the caller. */
const places: [name: string, locationOf: (elsewhere: Issuer, exchange: Exchange) => string][] = [
  ['another server', (elsewhere, { path }) => elsewhere.url + path],
  ['another server, in a URL with a password', (elsewhere, { path }) => elsewhere.url.replace('//', '//a:b@') + path],
  ['another server, without a scheme', (elsewhere, { path }) => elsewhere.url.replace('http:', '') + path],
  [
    'another server under another name',
    (elsewhere, { path }) => elsewhere.url.replace('127.0.0.1', 'localhost') + path,
  ],
  ['itself', (_elsewhere, { path }) => path],
  ['another path of its own', () => '/login'],
  ['a server that does not exist', () => 'http://127.0.0.1:1/'],
  ['https:', (elsewhere, { path }) => elsewhere.url.replace('http:', 'https:') + path],
  ['data:', (_elsewhere, exchange) => `data:application/json,${encodeURIComponent(exchange.good)}`],
  ['a file', () => 'file:///etc/passwd'],
  ['a script', () => `javascript:${CANARY}`],
  ['cloud metadata', () => 'http://169.254.169.254/latest/meta-data/'],
  ['nowhere', () => ''],
  ['an invalid URL', () => `http://${CANARY}:99999999/`],
]
const everywhere = places.map(([name, locationOf]) => [302, name, locationOf] as const)
const [[somewhere, locationOfSomewhere]] = places as [(typeof places)[number]]
const cases = [
  ...[300, 301, 303, 305, 307, 308].map((status) => [status, somewhere, locationOfSomewhere] as const),
  ...everywhere,
]

describe('a redirect is not followed', () => {
  it.each(cases)(
    'with status %i to %s: no key is read from there, and no secret is sent there',
    async (status, _name, locationOf) => {
      const issuer = await startKeyIssuer()
      const elsewhere = await startKeyIssuer()
      issuer.answer((exchange) => {
        exchange.response.writeHead(status, { Location: locationOf(elsewhere, exchange) }).end(exchange.good)
      })
      const bySecret = startApi({ apiUrl: issuer.url, secretKey: 'sk_live_secret', issuer: ISSUER })
      for (const api of [startApiOf(issuer, 60_000), bySecret]) expect(await api.ask(good)).toEqual(UNAVAILABLE)
      expect(issuer.asked.map(({ path }) => path)).toEqual(['/.well-known/jwks.json', '/v1/jwks'])
      expect(issuer.asked[1]!.headers.authorization).toBe('Bearer sk_live_secret')
      expect(elsewhere.connections.all).toBe(0)
    },
  )

  it.each(cases)(
    'with status %i to %s: no token is sent there, and none is accepted from there',
    async (status, _name, locationOf) => {
      const clerk = await startClerk()
      const elsewhere = await startClerk()
      clerk.answer((exchange) => {
        exchange.response.writeHead(status, { Location: locationOf(elsewhere, exchange) }).end(exchange.good)
      })
      const api = startApiOfClerk(clerk)
      for (const kind of KINDS)
        expect(await api.ask(opaque(kind, 'known'))).toEqual([503, 'verification-misconfigured', 1])
      expect(clerk.asked).toHaveLength(KINDS.length)
      expect(elsewhere.connections.all).toBe(0)
    },
  )

  it('if it is hidden in a valid response', async () => {
    const issuer = await startKeyIssuer()
    const elsewhere = await startKeyIssuer()
    const headers = {
      Location: elsewhere.url,
      'Content-Location': elsewhere.url,
      Refresh: `0; url=${elsewhere.url}`,
      Link: `<${elsewhere.url}>; rel=preload, <${elsewhere.url}>; rel=canonical`,
      'Alt-Svc': `h2="${new URL(elsewhere.url).host}"; ma=3600`,
    }
    issuer.answer(({ response, good: body }) => void response.writeHead(200, headers).end(body))
    const api = startApiOf(issuer, 60_000)
    for (let i = 0; i < 3; i++) {
      expect(await api.ask(good)).toEqual([200])
      api.advance(6 * 60_000)
    }
    expect(issuer.asked).toHaveLength(3)
    expect(elsewhere.connections.all).toBe(0)
  })
})
