import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { ClerkAuth, AcceptsToken } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targets, type Served } from '../contract/targets.js'
import { createTarget, movableClock } from './apis.js'
import { exchange, exchangeBytes, encodeRequest } from './exchange.js'
import { startIssuers, type Issuers } from './issuer.js'
import { session, USER } from './token.js'

const GOOD = session()
const BEARER = ['Authorization', `Bearer ${GOOD}`] as const

let issuers: Issuers
beforeAll(async () => {
  issuers = await startIssuers()
})
afterAll(() => Promise.all([issuers.ours.close(), issuers.other.close()]))

describe.each(targets)('$name', (target) => {
  let clerk: ClerkAuth<AcceptsToken>
  let served: Served
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    clerk = createTarget('default', issuers, movableClock()).clerk
    served = await target.serve({ clerk: [clerk] })
  })
  afterAll(async () => {
    process.off('unhandledRejection', onUnhandled)
    await served.close()
    clerk.close()
  })

  const me = (fields: readonly (readonly [string, string])[]) =>
    exchange(served.url, { method: 'GET', path: '/me', fields })
  const host = () => new URL(served.url).host

  async function open(): Promise<Socket> {
    const { hostname, port } = new URL(served.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {}) // some tests cut the connection
    await once(socket, 'connect')
    return socket
  }

  /** The statuses of the responses, in order. */
  async function statusesOf(bytes: Buffer): Promise<number[]> {
    const socket = await open()
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.write(bytes)
    await once(socket, 'close')
    const text = Buffer.concat(chunks).toString('latin1')
    return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
  }

  /** Whether a good token is still accepted, a missing one refused, and no rejection was unhandled. */
  async function stillWorks(): Promise<boolean> {
    const [good, none] = [await me([BEARER]), await me([])]
    return good.status === 200 && good.body.includes(USER) && none.status === 401 && unhandled.length === 0
  }

  const request = () => encodeRequest(host(), { method: 'GET', path: '/me', fields: [BEARER] })

  it.each([
    ['after the method', 4],
    ['in the header name', 60],
    ['in the token', 200],
    ['one byte before the end', -1],
  ])('keeps working after a request that is cut off %s', async (_, end) => {
    const socket = await open()
    socket.write(request().subarray(0, end))
    socket.destroy()
    expect(await stillWorks()).toBe(true)
  })

  it('serves other requests while one is half sent, and that one once it is complete', async () => {
    const socket = await open()
    const bytes = request()
    socket.write(bytes.subarray(0, 200))
    expect(await stillWorks()).toBe(true)
    socket.write(bytes.subarray(200))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString('latin1')).toContain('HTTP/1.1 200 ')
    socket.destroy()
  })

  it('serves a request that arrives one byte at a time', async () => {
    const socket = await open()
    socket.setNoDelay(true)
    const answered = once(socket, 'data') as Promise<[Buffer]>
    for (const byte of request()) await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()))
    const [answer] = await answered
    expect(answer.toString('latin1')).toContain('HTTP/1.1 200 ')
    socket.destroy()
  })

  it('keeps working after a connection is cut before its response', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, open))
    for (const socket of sockets) {
      socket.write(request())
      socket.resetAndDestroy()
    }
    expect(await stillWorks()).toBe(true)
  })

  it('responds without waiting for the body', async () => {
    const socket = await open()
    socket.write(encodeRequest(host(), { method: 'POST', path: '/me', fields: [['Content-Length', '1000']] }))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString('latin1')).toContain('HTTP/1.1 401 ')
    socket.destroy()
    expect(await stillWorks()).toBe(true)
  })

  it('does not share a token between the requests of a connection', async () => {
    const kept = (fields: readonly string[]) => `GET /me HTTP/1.1\r\n${['Host: api', ...fields].join('\r\n')}\r\n\r\n`
    const authorization = `Authorization: Bearer ${GOOD}`
    const pipelined = [kept([authorization]), kept([]), kept([authorization]), kept(['Connection: close'])]
    expect(await statusesOf(Buffer.from(pipelined.join('')))).toEqual([200, 401, 200, 401])
  })

  it.each([
    ['both a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 60'],
    ['an unknown coding', 'Transfer-Encoding: chunked, identity'],
    ['a length that is not a number', 'Content-Length: 5x'],
  ])('does not read a second request from the body of one with %s', async (_, lines) => {
    const hidden = `GET /me HTTP/1.1\r\nHost: api\r\nConnection: close\r\nAuthorization: Bearer ${GOOD}\r\n\r\n`
    const bytes = Buffer.from(`POST /me HTTP/1.1\r\nHost: api\r\n${lines}\r\n\r\n0\r\n\r\n${hidden}`)
    expect(await statusesOf(bytes)).not.toContain(200)
    expect(await stillWorks()).toBe(true)
  })

  it.each([
    ['data that is not HTTP', 'nonsense\r\n\r\n'],
    ['an unknown method', `STEAL /me HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`],
    ['an unknown HTTP version', `GET /me HTTP/9.9\r\nHost: api\r\nAuthorization: Bearer ${GOOD}\r\n\r\n`],
    ['the start of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['the start of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('refuses %s with 400, and keeps working', async (_, text) => {
    expect(await exchangeBytes(served.url, Buffer.from(text, 'latin1'))).toMatchObject({ status: 400 })
    expect(await stillWorks()).toBe(true)
  })

  it("refuses a header above Node's limit, and keeps working", async () => {
    const { status } = await me([['Authorization', `Bearer ${'a'.repeat(17_000)}`]])
    expect(status).toBe(431)
    expect(await stillWorks()).toBe(true)
  })
})
