import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTarget, movableClock } from './apis.js'
import { attack } from './attack.js'
import type { Field } from './case.js'
import { cookies } from './cases/cookies.js'
import { credentials } from './cases/credentials.js'
import { grants } from './cases/grants.js'
import { exchangeCookieFlood, exchangeFrames } from './frames.js'
import { http2EntryPoints, http2Targets } from './http2.js'
import { startIssuers, type Issuers } from './issuer.js'
import { session, USER } from './token.js'

const ONE_OF_TWO = 'only one of two requirements met'

attack({ ...credentials, ...cookies, [ONE_OF_TWO]: grants[ONE_OF_TWO] }, http2EntryPoints)

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
    clerk = createTarget('default', issuers, movableClock()).clerk
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

  async function stillWorks(): Promise<boolean> {
    const outcome = await send([BEARER])
    const { ':status': status } = await ask({ authorization: BEARER[1] })
    return outcome.ended === 'answered' && outcome.body.includes(USER) && status === 200
  }

  it('sends the same challenge to an HTTP/2 client', async () => {
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
    ['an uppercase name', [['Authorization', `Bearer ${GOOD}`]]],
    ['a second path', [BEARER, [':path', '/public']]],
    ['a connection-specific field', [BEARER, ['connection', 'close']]],
  ])('resets a stream with %s, and keeps working', async (_, fields) => {
    expect(await send(fields)).toEqual({ ended: 'reset', errorCode: NGHTTP2_PROTOCOL_ERROR })
    expect(await stillWorks()).toBe(true)
  })

  it.each(['authorization ', ' authorization', 'authoriz\0ation', ''])(
    'does not read a token from a field named %j',
    async (name) => {
      const answer = { ended: 'answered', body: expect.stringContaining('credentials-missing') }
      expect(await send([[name, `Bearer ${GOOD}`]])).toMatchObject(answer)
      expect(await stillWorks()).toBe(true)
    },
  )

  it('keeps working after the client cancels streams', async () => {
    for (let i = 0; i < 20; i++) {
      const stream = client.request({ ':path': '/me', authorization: BEARER[1] })
      stream.on('error', () => {})
      stream.close(NGHTTP2_CANCEL)
    }
    expect(await stillWorks()).toBe(true)
  })

  it('does not share a token between the streams of a connection', async () => {
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
    clerk = createTarget('with cookies', issuers, movableClock()).clerk
    served = await target.serve(clerk)
  })
  afterAll(async () => {
    await served.close()
    clerk.close()
    await Promise.all([issuers.ours.close(), issuers.other.close()])
  })

  it('refuses 100 streams whose cookies together are megabytes', async () => {
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

  it('finds the session cookie if each cookie has its own field', async () => {
    const fields: Field[] = ['theme=dark', `__session=${GOOD}`, 'lang=de'].map((pair) => ['cookie', pair])
    const answer = await exchangeFrames(served.url, { method: 'GET', path: '/me', fields })
    expect(answer).toMatchObject({ ended: 'answered', body: expect.stringContaining(USER) })
  })
})
