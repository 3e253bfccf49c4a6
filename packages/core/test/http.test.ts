import { inspect } from 'node:util'
import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { askForJson, type Fetch, type HttpAnswer, type HttpRequest } from '../src/support/http.js'
import { withResolvers } from './fixtures.js'

const MAX_BYTES = 256 * 1024
// Long for responses that must arrive in time, short for those that must be late.
const LONG = 15_000
const SHORT = 200

interface Server {
  readonly url: string
  readonly requests: readonly IncomingMessage[]
  /** Fulfils when the first connection has ended. */
  readonly disconnected: Promise<void>
}

async function serve(answer: RequestListener): Promise<Server> {
  const requests: IncomingMessage[] = []
  const disconnected = withResolvers()
  const server = createServer((request, response) => {
    requests.push(request)
    response.on('error', () => {})
    answer(request, response)
  })
  server.on('connection', (socket) => socket.on('close', disconnected.resolve))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    disconnected: disconnected.promise,
  }
}

function get(url: string, given: Partial<HttpRequest> = {}, fetch: Fetch = globalThis.fetch): Promise<HttpAnswer> {
  const signal = new AbortController().signal
  return askForJson(fetch, { url, headers: {}, timeoutInMs: LONG, maxBytes: MAX_BYTES, signal, ...given })
}

describe('askForJson › a response', () => {
  test('has a status, headers and parsed JSON', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=60' })
      response.end('{"keys":["ü"]}')
    })
    const answer = await get(server.url, { headers: { Authorization: 'Bearer sk_test_x' } })
    expect(answer).toMatchObject({ status: 200, json: { keys: ['ü'] } })
    expect(answer.headers.get('cache-control')).toBe('max-age=60')
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk_test_x')
  })

  test('is assembled from chunks that split a character', async () => {
    const bytes = Buffer.from('{"name":"ü"}')
    const cut = bytes.indexOf('ü') + 1
    const server = await serve((_request, response) => {
      response.write(bytes.subarray(0, cut))
      setTimeout(() => response.end(bytes.subarray(cut)), 20)
    })
    expect((await get(server.url)).json).toEqual({ name: 'ü' })
  })

  test.each<[string, string]>([
    ['empty', ''],
    ['HTML', '<!doctype html><title>Maintenance</title>'],
    ['JSON that is cut off', '{"keys":[{"kty":"RSA"'],
    ['JSON followed by something else', '{"keys":[]} x'],
    ['a number that is not valid JSON', '{"keys":NaN}'],
  ])('is undefined if the body is %s', async (_name, body) => {
    const server = await serve((_request, response) => response.end(body))
    expect(await get(server.url)).toMatchObject({ status: 200, json: undefined })
  })

  test('is undefined if there is no body', async () => {
    const server = await serve((_request, response) => response.writeHead(204).end())
    expect(await get(server.url)).toMatchObject({ status: 204, json: undefined })
  })

  test('is refused if it is not UTF-8', async () => {
    const server = await serve((_request, response) => response.end(Buffer.from('7b2261223a22ff227d', 'hex')))
    await expect(get(server.url)).rejects.toThrow('encoded data was not valid')
  })

  test('may be nested so deeply that a recursive parser would fail', async () => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000)
    const server = await serve((_request, response) => response.end(body))
    expect((await get(server.url)).json).toBeInstanceOf(Array)
  })

  test.each([400, 401, 404, 429, 500, 503])('with status %i is not an error', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status).end('{"errors":[]}'))
    expect(await get(server.url)).toMatchObject({ status, json: { errors: [] } })
  })

  test('removes its listener from the signal', async () => {
    const server = await serve((_request, response) => response.end('{}'))
    const { signal } = new AbortController()
    await get(server.url, { signal })
    await expect(get('http://127.0.0.1:1/', { signal })).rejects.toThrow('fetch failed')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('askForJson has one listener on the signal, regardless of the number of requests', async () => {
  const server = await serve(() => {})
  const closing = new AbortController()
  const { signal } = closing
  const waiting = Array.from({ length: 20 }, () => get(server.url, { signal }).catch((error: Error) => error.message))
  expect(getEventListeners(signal, 'abort').length).toBe(1)
  closing.abort(new Error('closed'))
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['closed']))
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

describe('askForJson › a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'with status %i is not followed, so that the secret is not sent elsewhere',
    async (status) => {
      const other = await serve((_request, response) => response.end('{"keys":[]}'))
      const server = await serve((_request, response) => response.writeHead(status, { Location: other.url }).end())
      const answer = await get(server.url, { headers: { Authorization: 'Bearer sk_test_x' } })
      expect(answer).toMatchObject({ status, json: undefined })
      expect(server.requests).toHaveLength(1)
      expect(other.requests).toEqual([])
    },
  )
})

describe('askForJson › the size of a response', () => {
  const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`

  test('may be the maximum', async () => {
    const server = await serve((_request, response) => response.end(text(MAX_BYTES)))
    expect((await get(server.url)).json).toHaveLength(MAX_BYTES - 2)
  })

  test('may not be one byte more', async () => {
    const server = await serve((_request, response) => response.end(text(MAX_BYTES + 1)))
    await expect(get(server.url)).rejects.toThrow('larger than 262144 bytes')
  })

  test('aborts an endless body and its connection', async () => {
    const server = await serve((_request, response) => {
      const chunk = Buffer.alloc(16 * 1024, 0x20)
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', write)
      write()
    })
    await expect(get(server.url)).rejects.toThrow('larger than 262144 bytes')
    await server.disconnected
  })

  test('is that of the decoded body: a small body that decompresses to a large one is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))
    expect(bomb.length).toBeLessThan(MAX_BYTES)
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb),
    )
    await expect(get(server.url)).rejects.toThrow('larger than 262144 bytes')
  })

  test('is not taken from Content-Length', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': 2 ** 31 })
      response.write(text(MAX_BYTES + 1))
    })
    await expect(get(server.url)).rejects.toThrow('larger than 262144 bytes')
  })
})

describe('askForJson › the deadline', () => {
  const hangs: RequestListener = () => {}

  test('applies if no headers arrive', async () => {
    const server = await serve(hangs)
    await expect(get(server.url, { timeoutInMs: SHORT })).rejects.toThrow(`no answer within ${SHORT} ms`)
    await server.disconnected
  })

  test('applies if the body stalls', async () => {
    const server = await serve((_request, response) => response.write('{"keys":'))
    await expect(get(server.url, { timeoutInMs: SHORT })).rejects.toThrow(`no answer within ${SHORT} ms`)
    await server.disconnected
  })

  test('covers the whole request: a slow body does not extend it', async () => {
    const server = await serve((_request, response) => {
      const drip = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drip))
    })
    await expect(get(server.url, { timeoutInMs: SHORT })).rejects.toThrow(`no answer within ${SHORT} ms`)
    await server.disconnected
  })

  test('outlives the garbage collector', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const server = await serve(hangs)
    const collecting = setInterval(collect, SHORT / 10)
    await expect(get(server.url, { timeoutInMs: 2 * SHORT })).rejects.toThrow('no answer within')
    clearInterval(collecting)
  })

  test('applies if a custom fetch ignores the signal', async () => {
    const never: Fetch = () => new Promise(() => {})
    await expect(get('http://127.0.0.1/', { timeoutInMs: SHORT }, never)).rejects.toThrow('no answer within')
  })

  test('cancels the body of a late response, if a custom fetch ignores the signal', async () => {
    const cancelled = withResolvers()
    const late = withResolvers()
    const fetch: Fetch = async () => {
      await late.promise
      return new Response(
        new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)), cancel: cancelled.resolve }),
      )
    }
    await expect(get('http://127.0.0.1/', { timeoutInMs: 1 }, fetch)).rejects.toThrow('no answer within')
    late.resolve()
    await cancelled.promise
  })
})

describe('askForJson › closing', () => {
  const closed = new Error('closed')

  test('aborts requests in flight and their connections', async () => {
    const closing = new AbortController()
    const server = await serve(() => closing.abort(closed))
    await expect(get(server.url, { signal: closing.signal })).rejects.toThrow('closed')
    await server.disconnected
  })

  test('aborts them even if a custom fetch ignores the signal', async () => {
    const closing = new AbortController()
    const never: Fetch = () => {
      closing.abort(closed)
      return new Promise(() => {})
    }
    await expect(get('http://127.0.0.1/', { signal: closing.signal }, never)).rejects.toThrow('closed')
  })

  test('prevents new requests', async () => {
    let calls = 0
    const fetch: Fetch = async () => {
      calls++
      return new Response('{}')
    }
    await expect(get('http://127.0.0.1/', { signal: AbortSignal.abort(closed) }, fetch)).rejects.toBe(closed)
    expect(calls).toBe(0)
  })
})

describe('askForJson › a network failure', () => {
  test('rejects if no server listens', async () => {
    await expect(get('http://127.0.0.1:1/')).rejects.toThrow('fetch failed')
  })

  test('rejects if the connection breaks in the middle of the body', async () => {
    const server = await serve((_request, response) => {
      response.write('{"keys":')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(get(server.url)).rejects.toThrow('terminated')
  })

  test('rejects if a custom fetch throws, or returns no response', async () => {
    const broken = new Error('broken')
    const throws: Fetch = () => {
      throw broken
    }
    await expect(get('http://127.0.0.1/', {}, throws)).rejects.toThrow('broken')
    await expect(get('http://127.0.0.1/', {}, async () => undefined as never)).rejects.toThrow(/undefined/)
  })

  test.each<[string, unknown, string]>([
    [
      'whose cause contains bytes of the response',
      new TypeError('fetch failed', { cause: Object.assign(new Error('bad HTTP'), { data: 'canary' }) }),
      'fetch failed: bad HTTP',
    ],
    [
      'that has a code and no message',
      new TypeError('fetch failed', { cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }),
      'fetch failed: ECONNREFUSED',
    ],
    ['that is not an Error', { canary: 'canary' }, 'no answer'],
    ['that is its own cause', endless(), 'canary-free: canary-free: canary-free: canary-free'],
  ])('describes only in words a failure %s', async (_name, failure, words) => {
    const error: Error = await get('http://127.0.0.1/', {}, () => Promise.reject(failure as Error)).then(
      () => expect.fail('nothing failed'),
      (reason: Error) => reason,
    )
    expect(error.message).toBe(words)
    expect(Reflect.ownKeys(error)).toEqual(['stack', 'message'])
    expect(inspect(error, { depth: 9 }).replaceAll('canary-free', '')).not.toContain("canary'")
  })

  function endless(): Error {
    const error = new Error('canary-free')
    error.cause = error
    return error
  }
})
