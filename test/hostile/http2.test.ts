import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacked, movableClock } from './apis.js'
import { attack } from './attack.js'
import type { Field } from './case.js'
import { cookies } from './cases/cookies.js'
import { credentials } from './cases/credentials.js'
import { grants } from './cases/grants.js'
import { exchangeCookieFlood, exchangeFrames } from './frames.js'
import { http2Stands, http2Targets } from './http2.js'
import { startIssuers, type Issuers } from './issuer.js'
import { session, USER } from './token.js'

const TWO_THINGS = 'two things asked for, and one of them there'

attack({ ...credentials, ...cookies, [TWO_THINGS]: grants[TWO_THINGS] }, http2Stands)

const GOOD = session()
const BEARER: Field = ['authorization', `Bearer ${GOOD}`]
const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_CANCEL } = constants

describe.each(http2Targets)('$name over HTTP/2', (target) => {
  let issuers: Issuers
  let clerk: ClerkAuth<AcceptsToken>
  let served: Awaited<ReturnType<typeof target.serve>>
  let client: ClientHttp2Session

  beforeAll(async () => {
    issuers = await startIssuers()
    clerk = attacked('usual', issuers, movableClock()).clerk
    served = await target.serve(clerk)
    client = connect(served.url)
  })
  afterAll(async () => {
    client.close()
    await served.close()
    clerk.close()
    await Promise.all([issuers.ours.close(), issuers.other.close()])
  })

  const send = (fields: readonly Field[]) => exchangeFrames(served.url, { method: 'GET', path: '/me', fields })

  async function ask(headers: Record<string, string>): Promise<IncomingHttpHeaders & { readonly ':status'?: number }> {
    const stream = client.request({ ':path': '/me', ...headers })
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    stream.resume()
    return answer
  }

  async function servesOn(): Promise<boolean> {
    const outcome = await send([BEARER])
    const { ':status': status } = await ask({ authorization: BEARER[1] })
    return outcome.ended === 'answered' && outcome.body.includes(USER) && status === 200
  }

  it('shows a client of its own kind the same challenge', async () => {
    expect(await ask({})).toMatchObject({ ':status': 401, 'www-authenticate': 'Bearer realm="api"' })
    expect(await ask({ authorization: `Bearer ${GOOD}x` })).toMatchObject({
      ':status': 401,
      'www-authenticate': expect.stringMatching(
        /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/,
      ),
      'cache-control': 'no-store',
    })
  })

  it.each<[string, readonly Field[]]>([
    ['a name in capitals', [['Authorization', `Bearer ${GOOD}`]]],
    ['a second path', [BEARER, [':path', '/public']]],
    ['a field about the connection', [BEARER, ['connection', 'close']]],
  ])('resets a stream with %s, and serves on', async (_, fields) => {
    expect(await send(fields)).toEqual({ ended: 'reset', errorCode: NGHTTP2_PROTOCOL_ERROR })
    expect(await servesOn()).toBe(true)
  })

  it.each(['authorization ', ' authorization', 'authoriz\0ation', ''])(
    'reads no token out of a field named %j',
    async (name) => {
      const answer = { ended: 'answered', body: expect.stringContaining('credentials-missing') }
      expect(await send([[name, `Bearer ${GOOD}`]])).toMatchObject(answer)
      expect(await servesOn()).toBe(true)
    },
  )

  it('serves on after streams that the client takes back', async () => {
    for (let i = 0; i < 20; i++) {
      const stream = client.request({ ':path': '/me', authorization: BEARER[1] })
      stream.on('error', () => {})
      stream.close(NGHTTP2_CANCEL)
    }
    expect(await servesOn()).toBe(true)
  })

  it('gives the token of one stream to no other on its connection', async () => {
    const answers = await Promise.all([
      ask({ authorization: BEARER[1] }),
      ask({}),
      ask({ authorization: BEARER[1] }),
      ask({}),
    ])
    expect(answers.map((answer) => answer[':status'])).toEqual([200, 401, 200, 401])
  })
})

describe.each(http2Targets)('$name over HTTP/2, with cookies', (target) => {
  let issuers: Issuers
  let clerk: ClerkAuth<AcceptsToken>
  let served: Awaited<ReturnType<typeof target.serve>>

  beforeAll(async () => {
    issuers = await startIssuers()
    clerk = attacked('with cookies', issuers, movableClock()).clerk
    served = await target.serve(clerk)
  })
  afterAll(async () => {
    await served.close()
    clerk.close()
    await Promise.all([issuers.ours.close(), issuers.other.close()])
  })

  it('reads none of the cookies of 100 streams that together are megabytes', async () => {
    const bodies = await exchangeCookieFlood(served.url, {
      path: '/me',
      cookie: ';'.repeat(4000),
      streams: 100,
      times: 14,
    })
    expect(bodies.map((body) => (JSON.parse(body) as { code: string }).code)).toEqual(
      Array.from({ length: 100 }, () => 'credentials-malformed'),
    )
  })

  it('finds the session among cookies that arrive one by one', async () => {
    const fields: Field[] = ['theme=dark', `__session=${GOOD}`, 'lang=de'].map((pair) => ['cookie', pair])
    const answer = await exchangeFrames(served.url, { method: 'GET', path: '/me', fields })
    expect(answer).toMatchObject({ ended: 'answered', body: expect.stringContaining(USER) })
  })
})
