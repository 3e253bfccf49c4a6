import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { ClerkAuth, AcceptsToken } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targets, type Served } from '../contract/targets.js'
import { attacked, movableClock } from './apis.js'
import { exchange, exchangeOctets, octetsOf } from './exchange.js'
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
  const unheard: unknown[] = []
  const hear = (reason: unknown) => void unheard.push(reason)

  beforeAll(async () => {
    process.on('unhandledRejection', hear)
    clerk = attacked('usual', issuers, movableClock()).clerk
    served = await target.serve({ clerk: [clerk] })
  })
  afterAll(async () => {
    process.off('unhandledRejection', hear)
    await served.close()
    clerk.close()
  })

  const me = (fields: readonly (readonly [string, string])[]) =>
    exchange(served.url, { method: 'GET', path: '/me', fields })
  const host = () => new URL(served.url).host

  async function open(): Promise<Socket> {
    const { hostname, port } = new URL(served.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {}) // to be cut off is what some of these are about
    await once(socket, 'connect')
    return socket
  }

  /** The statuses of the answers, in their order. */
  async function statusesOf(octets: Buffer): Promise<number[]> {
    const socket = await open()
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.write(octets)
    await once(socket, 'close')
    const text = Buffer.concat(chunks).toString('latin1')
    return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
  }

  /** Whether a good token passes still, none does not, and nothing was rejected that nobody heard of. */
  async function servesOn(): Promise<boolean> {
    const [good, none] = [await me([BEARER]), await me([])]
    return good.status === 200 && good.body.includes(USER) && none.status === 401 && unheard.length === 0
  }

  const request = () => octetsOf(host(), { method: 'GET', path: '/me', fields: [BEARER] })

  it.each([
    ['after the method', 4],
    ['within the name of the header', 60],
    ['within the token', 200],
    ['one octet before its end', -1],
  ])('serves on after a request that is cut off %s', async (_, end) => {
    const socket = await open()
    socket.write(request().subarray(0, end))
    socket.destroy()
    expect(await servesOn()).toBe(true)
  })

  it('serves others while a request stands half sent, and that one when it is complete', async () => {
    const socket = await open()
    const octets = request()
    socket.write(octets.subarray(0, 200))
    expect(await servesOn()).toBe(true)
    socket.write(octets.subarray(200))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString('latin1')).toContain('HTTP/1.1 200 ')
    socket.destroy()
  })

  it('serves a request that arrives octet by octet', async () => {
    const socket = await open()
    socket.setNoDelay(true)
    const answered = once(socket, 'data') as Promise<[Buffer]>
    for (const octet of request()) await new Promise<void>((resolve) => socket.write(Buffer.of(octet), () => resolve()))
    const [answer] = await answered
    expect(answer.toString('latin1')).toContain('HTTP/1.1 200 ')
    socket.destroy()
  })

  it('serves on after a connection that is cut before its answer', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, open))
    for (const socket of sockets) {
      socket.write(request())
      socket.resetAndDestroy()
    }
    expect(await servesOn()).toBe(true)
  })

  it('answers before a body that never comes', async () => {
    const socket = await open()
    socket.write(octetsOf(host(), { method: 'POST', path: '/me', fields: [['Content-Length', '1000']] }))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString('latin1')).toContain('HTTP/1.1 401 ')
    socket.destroy()
    expect(await servesOn()).toBe(true)
  })

  it('gives the token of one request to no other on its connection', async () => {
    const kept = (fields: readonly string[]) => `GET /me HTTP/1.1\r\n${['Host: api', ...fields].join('\r\n')}\r\n\r\n`
    const authorization = `Authorization: Bearer ${GOOD}`
    const pipelined = [kept([authorization]), kept([]), kept([authorization]), kept(['Connection: close'])]
    expect(await statusesOf(Buffer.from(pipelined.join('')))).toEqual([200, 401, 200, 401])
  })

  it.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 60'],
    ['an unknown coding', 'Transfer-Encoding: chunked, identity'],
    ['a length that is no number', 'Content-Length: 5x'],
  ])('takes no second request out of the body of one with %s', async (_, lines) => {
    const hidden = `GET /me HTTP/1.1\r\nHost: api\r\nConnection: close\r\nAuthorization: Bearer ${GOOD}\r\n\r\n`
    const octets = Buffer.from(`POST /me HTTP/1.1\r\nHost: api\r\n${lines}\r\n\r\n0\r\n\r\n${hidden}`)
    expect(await statusesOf(octets)).not.toContain(200)
    expect(await servesOn()).toBe(true)
  })

  it.each([
    ['what is no HTTP', 'nonsense\r\n\r\n'],
    ['a method that there is none of', `STEAL /me HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`],
    ['another version of HTTP', `GET /me HTTP/9.9\r\nHost: api\r\nAuthorization: Bearer ${GOOD}\r\n\r\n`],
    ['the start of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['the start of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('refuses %s with 400, and serves on', async (_, text) => {
    expect(await exchangeOctets(served.url, Buffer.from(text, 'latin1'))).toMatchObject({ status: 400 })
    expect(await servesOn()).toBe(true)
  })

  it('refuses a header that is larger than Node reads, and serves on', async () => {
    const { status } = await me([['Authorization', `Bearer ${'a'.repeat(17_000)}`]])
    expect(status).toBe(431)
    expect(await servesOn()).toBe(true)
  })
})
