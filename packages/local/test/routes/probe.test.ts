import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProber, type Probe, type ProberOptions } from '../../src/routes/probe.js'
import { serve } from './served.js'

const GET: Probe = { method: 'GET', path: '/me', token: undefined, headers: undefined }

async function prober(
  listener: RequestListener,
  options: Partial<ProberOptions> & { wait?: () => Promise<void> } = {},
) {
  const { wait, ...more } = options
  const url = await serve(listener)
  const created = createProber({ url, timeoutInMs: 5_000, callsHandlers: false, ...more }, wait)
  onTestFinished(created.close)
  return created
}

async function observed(listener: RequestListener, probe: Partial<Probe> = {}, options: Partial<ProberOptions> = {}) {
  return (await prober(listener, options)).probe({ ...GET, ...probe })
}

function problem(status: number, type: unknown, padding = '') {
  return (_req: IncomingMessage, res: ServerResponse) => {
    res.writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8' })
    res.end(JSON.stringify({ type, padding }))
  }
}

function json(code: number, body: object) {
  return (_req: IncomingMessage, res: ServerResponse) =>
    void res.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function status(code: number, body = '') {
  return (_req: IncomingMessage, res: ServerResponse) => void res.writeHead(code).end(body)
}

describe('an answer', () => {
  const revoked = 'urn:clerk-auth:token-revoked'

  test.each([
    ['the marker', status(204), { kind: 'passes' }],
    ['a guard', problem(401, revoked), { kind: 'refused', code: 'token-revoked' }],
    ['a guard, for a malformed header', problem(400, revoked), { kind: 'refused', code: 'token-revoked' }],
    ['a guard, for a missing role', problem(403, revoked), { kind: 'refused', code: 'token-revoked' }],
    ['a guard during an outage', problem(503, revoked), { kind: 'other', status: 503, code: 'token-revoked' }],
    ['another problem', problem(401, 'https://example.com/x'), { kind: 'other', status: 401, code: undefined }],
    ['a problem that contains a code', problem(401, `see ${revoked}`), { kind: 'other', status: 401, code: undefined }],
    ['a problem that goes on', problem(401, `${revoked} too`), { kind: 'other', status: 401, code: undefined }],
    ['a problem without a type', problem(401, undefined), { kind: 'other', status: 401, code: undefined }],
    ['a problem with a list', problem(401, [revoked]), { kind: 'other', status: 401, code: undefined }],
    ['a large problem', problem(401, revoked, 'x'.repeat(65_536)), { kind: 'other', status: 401, code: undefined }],
    ['JSON that is no problem', json(401, { type: revoked }), { kind: 'other', status: 401, code: undefined }],
    ['a handler', status(200, 'ok'), { kind: 'other', status: 200, code: undefined }],
  ])('from %s', async (_, listener, expected) => {
    expect(await observed(listener)).toEqual(expected)
  })

  test.each([
    [200, { kind: 'passes' }],
    [302, { kind: 'passes' }],
    [399, { kind: 'passes' }],
    [400, { kind: 'other', status: 400, code: undefined }],
    [404, { kind: 'other', status: 404, code: undefined }],
  ])('from a handler that is called, with status %i', async (code, expected) => {
    expect(await observed(status(code), {}, { callsHandlers: true })).toEqual(expected)
  })

  test('that is not JSON although it says so', async () => {
    const listener: RequestListener = (_req, res) =>
      void res.writeHead(403, { 'content-type': 'application/problem+json' }).end('<html>')
    expect(await observed(listener)).toEqual({ kind: 'other', status: 403, code: undefined })
  })

  test('to HEAD has no code', async () => {
    expect(await observed(problem(401, revoked), { method: 'HEAD' })).toEqual({ kind: 'refused', code: undefined })
    expect(await observed(status(404), { method: 'HEAD' })).toEqual({ kind: 'other', status: 404, code: undefined })
  })

  test('that never ends is not read', async () => {
    let isClosed = false
    const endless: RequestListener = (_req, res) => {
      res.on('close', () => (isClosed = true))
      res.writeHead(200).write('data: 1\n\n')
    }
    expect(await observed(endless)).toEqual({ kind: 'other', status: 200, code: undefined })
    await expect.poll(() => isClosed).toBe(true)
  })
})

describe('a request', () => {
  async function sent(probe: Partial<Probe>) {
    let seen = { headers: {} as IncomingMessage['headers'], body: '' }
    await observed((req, res) => {
      void text(req).then((body) => {
        seen = { headers: req.headers, body }
        res.writeHead(204).end()
      })
    }, probe)
    return seen
  }

  test.each(['POST', 'PUT', 'PATCH'])('with %s has an empty JSON object as its body', async (method) => {
    const { headers, body } = await sent({ method })
    expect([body, headers['content-type'], headers['content-length']]).toEqual(['{}', 'application/json', '2'])
  })

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('with %s has no body', async (method) => {
    const { headers, body } = await sent({ method })
    expect([body, headers['content-type']]).toEqual(['', undefined])
  })

  test('has the token of the caller, if there is one', async () => {
    expect((await sent({ token: 'secret' })).headers.authorization).toBe('Bearer secret')
    expect((await sent({})).headers).not.toHaveProperty('authorization')
  })

  test('asks for JSON, unless the route requires another media type', async () => {
    expect((await sent({})).headers.accept).toBe('application/json')
    const headers = { accept: 'application/json;v=2', 'x-version': '2' }
    expect((await sent({ headers })).headers).toMatchObject(headers)
  })
})

describe('a prober', () => {
  const limited = problem(503, 'urn:clerk-auth:verification-rate-limited')

  test('repeats a request while the application asks Clerk too often, for a minute', async () => {
    let waits = 0
    const patient = await prober(limited, { wait: async () => void waits++ })
    expect(await patient.probe(GET)).toEqual({ kind: 'other', status: 503, code: 'verification-rate-limited' })
    expect([waits, patient.count()]).toEqual([240, 241])
  })

  test('does not repeat a request for another outage', async () => {
    const one = await prober(problem(503, 'urn:clerk-auth:keys-unavailable'))
    await one.probe(GET)
    expect(one.count()).toBe(1)
  })

  test('repeats a request on a connection that the application has just closed', async () => {
    const sockets = new Set<Socket>()
    const one = await prober((req, res) => {
      if (sockets.has(req.socket)) return void req.socket.resetAndDestroy()
      sockets.add(req.socket)
      res.writeHead(204).end()
    })
    expect([await one.probe(GET), await one.probe(GET)]).toEqual([{ kind: 'passes' }, { kind: 'passes' }])
    expect([sockets.size, one.count()]).toEqual([2, 3])
  })

  test('does not repeat a request whose answer cannot be read', async () => {
    const sockets = new Set<Socket>()
    const one = await prober((req, res) => {
      if (sockets.has(req.socket)) return void req.socket.end('nonsense\r\n\r\n')
      sockets.add(req.socket)
      res.writeHead(204).end()
    })
    expect(await one.probe(GET)).toEqual({ kind: 'passes' })
    await expect(one.probe(GET)).rejects.toThrow(/^GET \/me was not answered: HPE_/)
  })

  test('gives up on an application that closes each connection', async () => {
    await expect(observed((req) => void req.socket.resetAndDestroy())).rejects.toThrow(
      'GET /me was not answered: ECONNRESET',
    )
  })

  const unfinished: RequestListener = (_req, res) =>
    void res.writeHead(401, { 'content-type': 'application/problem+json' }).write('{')

  test.each<[string, RequestListener]>([
    ['answers', () => {}],
    ['ends its answer', unfinished],
  ])('gives up on a route that never %s', async (_, listener) => {
    const observing = observed(listener, {}, { timeoutInMs: 200 })
    await expect(observing).rejects.toThrow('GET /me did not answer within 0.2 seconds')
  })

  test.each([
    ['marker', status(204)],
    ['refusal', problem(401, 'urn:clerk-auth:credentials-missing')],
  ])('uses a connection again after a %s, and closes it at the end', async (_, listener) => {
    const sockets = new Set<Socket>()
    const one = await prober((req, res) => {
      sockets.add(req.socket)
      listener(req, res)
    })
    for (let i = 0; i < 3; i++) await one.probe(GET)
    const [socket, ...others] = sockets
    expect(others).toEqual([])
    one.close()
    await expect.poll(() => socket?.destroyed).toBe(true)
  })
})
