import { exec } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { errorCode, getBackendJwks, getPublicJwks, publishedKids, sendRaw, start } from './start.js'
import { call } from './tokens.js'

const JSON_TYPE = { 'content-type': 'application/json' }

interface Answer {
  readonly status: number
  readonly body: any
}

/** A plain HTTP request: `fetch` does not allow headers such as Host and Origin to be set. */
async function control(
  { url }: Pick<LocalClerk, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = body === undefined ? {} : JSON_TYPE,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // With `setHost`, Node would replace an empty Host by the real one.
    const setHost = headers['host'] === undefined
    const sent = request(`${url}/_local${path}`, { method, headers, setHost, agent: false }, (response) => {
      json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject)
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

describe('/_local/clock', () => {
  test('reads, moves, stops and restarts the clock', async () => {
    const local = await start({ now: () => 1_000_000 })
    expect(await control(local, 'GET', '/clock')).toEqual({
      status: 200,
      body: { now: 1_000_000, iso: '1970-01-01T00:16:40.000Z', isStopped: false },
    })
    expect((await control(local, 'POST', '/clock', { advanceInMs: -500 })).body.now).toBe(999_500)
    const stopped = { now: Date.UTC(2030, 0), iso: '2030-01-01T00:00:00.000Z', isStopped: true }
    expect((await control(local, 'POST', '/clock', { set: '2030-01-01T00:00:00Z' })).body).toEqual(stopped)
    expect(local.clock.now()).toBe(Date.UTC(2030, 0))
    expect((await control(local, 'POST', '/clock', { set: 5 })).body.now).toBe(5)
    expect((await control(local, 'DELETE', '/clock')).body).toMatchObject({ now: 1_000_000, isStopped: false })
  })

  test.each([
    [{}, 'the clock takes either "advanceInMs" or "set"'],
    [{ advanceInMs: 1, set: 1 }, 'the clock takes either'],
    [{ advance: 1 }, 'the clock has no "advance", only advanceInMs, set'],
    [{ advanceInMs: '1' }, '"advanceInMs" of the clock must be a finite number'],
    [{ set: 'tomorrow' }, '"set" of the clock must be milliseconds since the epoch, or a time such as'],
    [{ set: 8.65e15 }, 'the clock cannot be set beyond the range of a Date'],
    [{ advanceInMs: 8.64e15 }, 'the clock cannot be set beyond the range of a Date'],
    [[], 'the clock takes an object'],
  ])('refuses %j', async (body, message) => {
    const { status, body: answer } = await control(await start(), 'POST', '/clock', body)
    expect([status, answer.errors[0].code]).toEqual([422, 'form_param_value_invalid'])
    expect(answer.errors[0].long_message).toContain(message)
  })
})

describe('/_local/keys', () => {
  test('lists keys, rotates them with and without overlap, and removes one', async () => {
    const local = await start()
    const first = local.kid
    expect((await control(local, 'GET', '/keys')).body).toEqual({
      current: first,
      published: [{ kid: first, alg: 'ES256' }],
    })
    const { body } = await control(local, 'POST', '/keys', {})
    expect(body.current).toBe(local.kid)
    expect(await publishedKids(local)).toEqual([first, local.kid])

    await control(local, 'DELETE', `/keys/${first}`)
    expect(await publishedKids(local)).toEqual([local.kid])
    await control(local, 'POST', '/keys', { overlap: false })
    expect(await publishedKids(local)).toEqual([local.kid])
  })

  test('refuses an unknown key and a misspelt field', async () => {
    const local = await start()
    expect((await control(local, 'DELETE', '/keys/ins_x')).body.errors[0].long_message).toBe(
      `key "ins_x" is not published. Published keys: ${local.kid}`,
    )
    expect((await control(local, 'POST', '/keys', { overlaps: true })).status).toBe(422)
    expect(await publishedKids(local)).toHaveLength(1)
  })
})

describe('/_local/faults', () => {
  test('sets a fault for the next calls, lists it, and clears it', async () => {
    const local = await start()
    await control(local, 'POST', '/faults', { operation: 'GetJWKS', status: 503, retryAfter: 1, times: 2 })
    expect((await getPublicJwks(local)).status).toBe(503)
    const fault = { status: 503, retryAfter: 1, times: 2 }
    expect((await control(local, 'GET', '/faults')).body).toEqual({
      faults: [{ operation: 'GetJWKS', fault, timesLeft: 1 }],
      operations: expect.arrayContaining(['GetJWKS', 'verifyM2MToken']),
    })
    await control(local, 'DELETE', '/faults/GetJWKS')
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test('clears all faults at once', async () => {
    const local = await start()
    await control(local, 'POST', '/faults', { operation: 'GetJWKS', hang: true })
    const { body } = await control(local, 'POST', '/faults', { operation: 'verifyApiKey', status: 500 })
    expect(body.faults).toMatchObject([{ timesLeft: null }, { timesLeft: null }])
    expect((await control(local, 'DELETE', '/faults')).body).toEqual({ faults: [] })
  })

  test.each([
    [{ status: 500 }, 'a fault requires an "operation", such as "GetJWKS"'],
    [{ operation: 'GetJwks', status: 500 }, 'no operation "GetJwks": did you mean GetJWKS?'],
    [{ operation: 'GetJWKS' }, 'a fault requires at least one of status, body'],
    [{ operation: 'GetJWKS', code: 500 }, 'a fault has no "code", only status'],
    [{ operation: 'GetJWKS', headers: { 'a b': 'c' } }, 'Header name must be a valid HTTP token'],
    ['GetJWKS', 'a fault must be an object'],
  ])('refuses %j', async (body, message) => {
    const answer = await control(await start(), 'POST', '/faults', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].long_message).toContain(message)
  })

  test('of an unknown operation cannot be cleared', async () => {
    expect((await control(await start(), 'DELETE', '/faults/GetJwks')).status).toBe(422)
  })
})

describe('/_local/calls', () => {
  test('counts calls by operation', async () => {
    const local = await start()
    await getPublicJwks(local)
    await getBackendJwks(local)
    expect((await control(local, 'GET', '/calls')).body.calls).toEqual({ GetJWKS: 2 })
    expect((await control(local, 'GET', '/calls/GetJWKS')).body).toEqual({ operation: 'GetJWKS', calls: 2 })
    expect((await control(local, 'GET', '/calls/GetJwks')).status).toBe(422)
  })

  test('lists the last requests and their outcome, newest first, without requests to /_local', async () => {
    const local = await start()
    await getPublicJwks(local)
    await getBackendJwks(local, { authorization: 'Bearer sk_test_wrong' })
    local.fault('GetJWKS', { status: 503, times: 1 })
    await getPublicJwks(local)
    await fetch(`${local.url}/favicon.ico`)
    const { requests } = (await control(local, 'GET', '/calls')).body
    expect(requests).toMatchObject([
      { method: 'GET', operation: null, status: 404, code: 'resource_not_found' },
      { operation: 'GetJWKS', status: 503, code: 'service_unavailable', isFaulty: true },
      { path: '/v1/jwks', operation: 'GetJWKS', status: 401, code: 'clerk_key_invalid', isFaulty: false },
      { path: '/.well-known/jwks.json', operation: 'GetJWKS', status: 200, code: null },
    ])
    expect(requests[3].tookInMs).toBeGreaterThan(0)
  })

  test('lists a hanging request without an outcome', async () => {
    const local = await start()
    local.fault('GetJWKS', { hang: true })
    const caller = new AbortController()
    const hanging = fetch(`${local.url}/.well-known/jwks.json`, { signal: caller.signal })
    await vi.waitFor(async () => {
      const { requests } = (await control(local, 'GET', '/calls')).body
      expect(requests).toMatchObject([{ operation: 'GetJWKS', status: null, isFaulty: true, tookInMs: null }])
    })
    caller.abort()
    await expect(hanging).rejects.toThrow('aborted')
  })

  test('never records tokens or secrets, wherever they were sent', async () => {
    const local = await start()
    const [key, session] = [await local.apiKey(), await local.sessionToken()]
    const id = (await call(local, 'POST', '/api_keys/verify', { body: { secret: key } })).body.id as string
    await call(local, 'GET', `/api_keys/${id}`)
    for (const secret of [key, session, local.env.CLERK_SECRET_KEY, local.env.CLERK_MACHINE_SECRET_KEY]) {
      await fetch(`${local.url}/v1/${secret}?token=${secret}`, { headers: { 'x-token': secret } })
      await fetch(`${local.url}/api_keys/${secret}/revoke`, { method: 'POST', body: secret })
    }
    const { body } = await control(local, 'GET', '/calls')
    const recorded = JSON.stringify(body)
    for (const secret of [
      key,
      session,
      ...session.split('.'),
      ...Object.values(local.env).filter((it) => /^(sk|ak)_/.test(it)),
    ])
      expect(recorded).not.toContain(secret)
    expect(recorded).toContain(`/api_keys/${id}`)
    expect(recorded).toContain('/api_keys/…/revoke')
  })

  test('keeps the last 200 requests', async () => {
    const local = await start()
    for (let i = 0; i < 205; i++) await getPublicJwks(local)
    const { body } = await control(local, 'GET', '/calls')
    expect(body.requests).toHaveLength(200)
    expect(body.calls).toEqual({ GetJWKS: 205 })
  })
})

describe('/_local/revoke and /_local/reset', () => {
  test('revoke an opaque token, and refuse JWTs and unknown tokens', async () => {
    const local = await start()
    const token = await local.m2mToken()
    expect((await control(local, 'POST', '/revoke', { token, reason: 'leaked' })).status).toBe(200)
    expect((await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })).status).toBe(404)
    const jwt = await local.sessionToken()
    const refused = await control(local, 'POST', '/revoke', { token: jwt })
    expect([refused.status, refused.body.errors[0].long_message]).toEqual([
      422,
      'JWTs cannot be revoked: they are valid until they expire',
    ])
    expect((await control(local, 'POST', '/revoke', {})).status).toBe(422)
    expect((await control(local, 'POST', '/revoke', { token: 'mt_x' })).status).toBe(422)
  })

  test('restore the initial state', async () => {
    const local = await start()
    const [kid, token] = [local.kid, await local.m2mToken()]
    await control(local, 'POST', '/keys', {})
    await control(local, 'POST', '/clock', { set: 0 })
    await control(local, 'POST', '/faults', { operation: 'GetJWKS', status: 500 })
    await getPublicJwks(local)
    expect((await control(local, 'POST', '/reset', {})).status).toBe(200)
    expect((await control(local, 'GET', '/calls')).body).toEqual({ calls: {}, requests: [] })
    expect((await getPublicJwks(local)).status).toBe(200)
    expect(local.kid).toBe(kid)
    expect(local.clock.now()).toBeGreaterThan(1e12)
    expect((await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })).status).toBe(404)
  })
})

describe('/_local/tokens/describe', () => {
  test('describes an opaque token, without a secret key and without counting a call', async () => {
    const local = await start()
    const token = await local.m2mToken()
    expect((await control(local, 'POST', '/tokens/describe', { token })).body).toMatchObject({
      known: true,
      verdict: 'active',
      subject: local.machines.worker.id,
      scopes: [local.machines.api.id],
      revoked: false,
    })
    expect(local.calls('verifyM2MToken')).toBe(0)
    expect((await control(local, 'POST', '/tokens/describe', { token: 'mt_x' })).body).toEqual({ known: false })
  })

  test('returns the verdict that an API would get for an invalid token', async () => {
    const [byDefault, with200] = [await start(), await start({ settings: { invalidOpaqueTokens: '200' } })]
    const verdictOf = async (local: LocalClerk, token: string) =>
      (await control(local, 'POST', '/tokens/describe', { token })).body.verdict
    expect(await verdictOf(byDefault, await byDefault.apiKey({ ttlInSeconds: -1 }))).toBe('not-found')
    expect(await verdictOf(with200, await with200.apiKey({ ttlInSeconds: -1 }))).toBe('expired')
    const token = await with200.oauthToken({ format: 'opaque' })
    await with200.revoke(token)
    expect(await verdictOf(with200, token)).toBe('revoked')
  })

  test('treats a token of a deleted machine as unknown', async () => {
    const local = await start()
    const token = await local.m2mToken()
    await call(local, 'DELETE', `/v1/machines/${local.machines.worker.id}`)
    expect((await control(local, 'POST', '/tokens/describe', { token })).body).toEqual({ known: false })
  })
})

describe('/_local/tokens/template', () => {
  test('mints a token', async () => {
    const local = await start()
    const { body } = await control(local, 'POST', '/tokens/template', { user: 'bob' })
    expect(decodeJwt(body.token)).toMatchObject({ sub: local.people.bob.id })
  })
})

const ROUTES: readonly [method: string, path: string, body?: object][] = [
  ['POST', '/clock', { set: 0 }],
  ['DELETE', '/clock'],
  ['POST', '/keys', {}],
  ['DELETE', '/keys/ins_x'],
  ['POST', '/faults', { operation: 'GetJWKS', status: 500 }],
  ['DELETE', '/faults'],
  ['GET', '/calls'],
  ['POST', '/revoke', { token: 'mt_x' }],
  ['POST', '/reset', {}],
  ['POST', '/tokens/session', {}],
  ['POST', '/tokens/describe', { token: 'mt_x' }],
  ['POST', '/explain', { token: 'mt_x' }],
  ['GET', '/directory'],
  ['GET', '/page/main.js'],
  ['GET', '/nothing'],
  ['OPTIONS', '/clock'],
]

describe('a web page in the developer’s browser', () => {
  test.each(ROUTES)('cannot use %s %s, whichever headers its browser sends', async (method, path, body) => {
    const local = await start()
    const { port } = new URL(local.url)
    const foreign = [
      { host: `evil.example:${port}` },
      { host: `127.0.0.1.evil.example:${port}` },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${Number(port) - 1}` },
      { origin: `https://127.0.0.1:${port}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of foreign) {
      const answer = await control(local, method, path, body, { ...JSON_TYPE, ...headers })
      expect([headers, answer.status, answer.body.errors?.[0].code]).toEqual([headers, 403, 'authorization_invalid'])
    }
    expect(local.clock.now()).toBeGreaterThan(1e12)
  })

  test.each(ROUTES.filter(([method]) => method === 'POST'))(
    'cannot send a form to %s %s',
    async (method, path, body) => {
      const local = await start()
      for (const headers of [
        {},
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/x-www-form-urlencoded' },
      ])
        expect((await control(local, method, path, body, headers as Record<string, string>)).status).toBe(415)
    },
  )

  test.each(['localhost.', '127.1', '127.999.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '127.0.0.1:'])(
    'is refused with the host "%s"',
    async (host) => {
      const { status, body } = await control(await start(), 'POST', '/clock', { set: 5 }, { ...JSON_TYPE, host })
      expect([status, body.errors[0].code]).toEqual([403, 'authorization_invalid'])
    },
  )

  test('is refused without a host, which HTTP/1.0 allows', async () => {
    for (const head of ['', 'host:\r\n']) {
      const answer = await sendRaw(await start(), `GET /_local/clock HTTP/1.0\r\n${head}\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*"authorization_invalid"/)
    }
  })

  test('of the instance itself may use it', async () => {
    const local = await start()
    const headers = { ...JSON_TYPE, origin: local.url, 'sec-fetch-site': 'same-origin' }
    expect((await control(local, 'POST', '/clock', { set: 5 }, headers)).body.now).toBe(5)
  })

  test('gets no CORS headers', async () => {
    const response = await fetch(`${(await start()).url}/_local/clock`)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('the README', () => {
  test('has shell commands that work when run in order', async () => {
    const { url } = await start()
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [, script = ''] = /```sh\n(URL=.*?)```/s.exec(readme) ?? []
    const lines = script.replace('http://127.0.0.1:4010', url).replaceAll(/^curl .*$/gm, '$&; echo')
    const { stdout } = await promisify(exec)(lines)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(answers).toHaveLength(script.match(/^curl /gm)?.length ?? NaN)
    for (const answer of answers) expect(answer).not.toHaveProperty('errors')
  })
})

describe('/_local', () => {
  test.each(['LOCALHOST', '127.0.0.2', '[::1]'])('accepts the loopback host %s', async (host) => {
    expect((await control(await start(), 'GET', '/clock', undefined, { host: `${host}:4010` })).status).toBe(200)
  })

  test.each(['/tokens/session', '/tokens/template', '/tokens/api-key', '/faults'])(
    'refuses deeply nested JSON at %s',
    async (path) => {
      const nested = `{"operation":"GetJWKS","claims":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
      const response = await fetch(`${(await start()).url}/_local${path}`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: nested,
      })
      expect([response.status, await errorCode(response)]).toEqual([400, 'request_body_invalid'])
    },
  )

  test('accepts the host that it was configured to listen on', async () => {
    const local = await start({ host: '0.0.0.0', insecureListenBeyondLoopback: true })
    const { port } = new URL(local.url)
    expect((await control(local, 'GET', '/clock', undefined, { host: `0.0.0.0:${port}` })).status).toBe(200)
    expect((await control(local, 'GET', '/clock', undefined, { host: `10.0.0.1:${port}` })).status).toBe(403)
  })

  test('lists the existing paths in a 404, and refuses other methods', async () => {
    const local = await start()
    const { status, body } = await control(local, 'GET', '/clocks')
    expect([status, body.errors[0].code]).toEqual([404, 'resource_not_found'])
    expect(body.errors[0].long_message).toContain('No such path. Available paths: ')
    expect(body.errors[0].long_message).toContain('/_local/clock, ')
    expect(body.errors[0].long_message).not.toMatch(/stranger|:name/)
    expect((await control(local, 'PATCH', '/clock')).status).toBe(405)
  })

  test.each(['POST /clock', 'POST /keys', 'POST /faults', 'POST /revoke', 'POST /reset'])(
    '%s refuses invalid JSON',
    async (route) => {
      const [method = '', path = ''] = route.split(' ')
      const { url } = await start()
      const response = await fetch(`${url}/_local${path}`, { method, headers: JSON_TYPE, body: '{' })
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('send {} for the defaults')
    },
  )
})
