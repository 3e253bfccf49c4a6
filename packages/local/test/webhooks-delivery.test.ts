import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDeliveries, type WebhookMessage } from '../src/webhooks/webhook-deliveries.js'
import type { WebhookEndpoint } from '../src/webhooks/webhook-endpoint.js'
import { createQueue } from '../src/webhooks/delivery-queue.js'
import { post, type PostAnswer } from '../src/webhooks/webhook-post.js'
import { startReceiverOfAnything } from './webhook-receiver.js'

const ENDPOINT: WebhookEndpoint = { id: 'ep_1', url: 'http://127.0.0.1:9/webhooks', events: ['*'] }

function messageOf(id: string): WebhookMessage {
  return { id, type: 'user.deleted', body: '{}' }
}

/** Deliveries to a receiver that answers with these statuses, and then always with the last one. */
function deliveriesWith(statuses: readonly (number | null)[], delaysInMs?: readonly number[]) {
  const sent: string[] = []
  const deliveries = createDeliveries(async ({ id }): Promise<PostAnswer> => {
    sent.push(id)
    const status = statuses[Math.min(sent.length, statuses.length) - 1] ?? null
    return status === null ? { status, reason: 'ECONNREFUSED' } : { status, reason: null }
  }, delaysInMs)
  onTestFinished(() => deliveries.reset())
  const outcome = () => deliveries.latest()[0]?.outcome
  const ended = () =>
    new Promise<void>((resolve) => {
      deliveries.watch(({ nextAttemptAt }) => nextAttemptAt === null && resolve())
    })
  return { deliveries, sent, outcome, ended }
}

describe('deliveries', () => {
  test('are retried until they succeed', async () => {
    const { deliveries, sent, ended } = deliveriesWith([null, 500, 404, 200], [1, 1, 1, 1, 1])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await ended()
    expect(sent).toEqual(['msg_1', 'msg_1', 'msg_1', 'msg_1'])
    expect(deliveries.latest()).toMatchObject([
      { id: 'msg_1', outcome: 'delivered', attempts: 4, status: 200, reason: null },
    ])
  })

  describe('to an endpoint that refuses connections and has never answered', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    test('are retried every 250 ms for 30 s, and then on the schedule of Svix', async () => {
      const { deliveries, sent } = deliveriesWith([null])
      deliveries.add(messageOf('msg_1'), ENDPOINT)
      await vi.advanceTimersByTimeAsync(29_999)
      expect(sent).toHaveLength(120)
      await vi.advanceTimersByTimeAsync(251)
      expect(sent).toHaveLength(121)
      expect(deliveries.latest()).toMatchObject([{ outcome: 'waiting', attempts: 121 }])
      await vi.advanceTimersByTimeAsync(4_749)
      expect(sent).toHaveLength(121)
      await vi.advanceTimersByTimeAsync(1)
      expect(sent).toHaveLength(122)
      await vi.advanceTimersByTimeAsync(299_999)
      expect(sent).toHaveLength(122)
      await vi.advanceTimersByTimeAsync(1)
      expect(sent).toHaveLength(123)
    })

    test('are probed with only one of them until the 30 s are over', async () => {
      const { deliveries, sent } = deliveriesWith([null])
      for (const id of ['msg_1', 'msg_2', 'msg_3']) deliveries.add(messageOf(id), ENDPOINT)
      await vi.advanceTimersByTimeAsync(29_000)
      expect(sent.filter((id) => id !== 'msg_1')).toEqual(['msg_2', 'msg_3'])
      await vi.advanceTimersByTimeAsync(1_250)
      expect(sent.filter((id) => id !== 'msg_1')).toEqual(['msg_2', 'msg_3', 'msg_2', 'msg_3'])
    })

    test('are probed with another one if the first is dropped', async () => {
      const { deliveries, sent } = deliveriesWith([null])
      for (let i = 0; i < 1000; i++) deliveries.add(messageOf(`msg_${i}`), ENDPOINT)
      await vi.advanceTimersByTimeAsync(1000)
      deliveries.add(messageOf('msg_last'), ENDPOINT)
      await vi.advanceTimersByTimeAsync(1000)
      expect(sent.filter((id) => id === 'msg_last')).toHaveLength(5)
    })

    test('are retried less often once the endpoint has answered', async () => {
      const { deliveries, sent } = deliveriesWith([200, null])
      for (const id of ['msg_1', 'msg_2']) deliveries.add(messageOf(id), ENDPOINT)
      await vi.advanceTimersByTimeAsync(4_999)
      expect(sent).toEqual(['msg_1', 'msg_2'])
      await vi.advanceTimersByTimeAsync(1)
      expect(sent).toEqual(['msg_1', 'msg_2', 'msg_2'])
    })
  })

  test('fail after the last delay', async () => {
    const { deliveries, sent, ended } = deliveriesWith([500], [1, 1])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await ended()
    expect(sent).toHaveLength(3)
    expect(deliveries.latest()).toMatchObject([{ outcome: 'failed', attempts: 3, status: 500 }])
  })

  test('restart the schedule when resent', async () => {
    const { deliveries, ended } = deliveriesWith([500, 500, 500, 500, 200], [1])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await ended()
    expect(deliveries.latest()).toMatchObject([{ outcome: 'failed', attempts: 2 }])
    deliveries.resend('msg_1')
    await ended()
    expect(deliveries.latest()).toMatchObject([{ outcome: 'failed', attempts: 4 }])
    deliveries.resend('msg_1')
    await deliveries.settled()
    expect(deliveries.latest()).toMatchObject([{ outcome: 'delivered', attempts: 5 }])
  })

  test('are not also retried when resent, and not resent while pending', async () => {
    const { deliveries, sent } = deliveriesWith([500, 200], [20])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await deliveries.settled()
    await new Promise((resolve) => setImmediate(resolve))
    deliveries.resend('msg_1')
    deliveries.resend('msg_1')
    expect(deliveries.latest()).toMatchObject([{ outcome: 'pending', nextAttemptAt: null }])
    await deliveries.settled()
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(sent).toEqual(['msg_1', 'msg_1'])
    expect(deliveries.latest()).toMatchObject([{ outcome: 'delivered', attempts: 2 }])
  })

  test('stay dropped when a late answer arrives', async () => {
    let answer = (_status: number) => {}
    const deliveries = createDeliveries(
      () => new Promise((resolve) => (answer = (status) => resolve({ status, reason: null }))),
    )
    const reported: unknown[] = []
    deliveries.watch((delivery) => reported.push(delivery))
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    deliveries.drop(ENDPOINT.id)
    await deliveries.settled()
    answer(500)
    await new Promise((resolve) => setImmediate(resolve))
    expect(deliveries.latest()).toMatchObject([{ outcome: 'dropped', attempts: 0, status: null, nextAttemptAt: null }])
    expect(reported).toEqual([])
  })

  test.each([
    [199, 'waiting'],
    [200, 'delivered'],
    [299, 'delivered'],
    [300, 'waiting'],
    [410, 'waiting'],
  ])('with status %i are %s', async (status, expected) => {
    const { deliveries, outcome } = deliveriesWith([status])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await deliveries.settled()
    expect(outcome()).toBe(expected)
  })

  test('are not retried after a reset', async () => {
    const { deliveries, sent } = deliveriesWith([500], [20])
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    await deliveries.settled()
    deliveries.reset()
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(sent).toEqual(['msg_1'])
    expect(deliveries.latest()).toEqual([])
  })

  test('are settled after one attempt each, and immediately if there are none', async () => {
    const { deliveries, outcome } = deliveriesWith([500])
    await deliveries.settled()
    deliveries.add(messageOf('msg_1'), ENDPOINT)
    expect(deliveries.pending()).toBe(1)
    await deliveries.settled()
    expect(deliveries.pending()).toBe(0)
    expect(outcome()).toBe('waiting')
  })

  test('are limited to 1000 in progress, dropping the oldest, and 200 remembered', async () => {
    const signals = new Map<string, AbortSignal>()
    const deliveries = createDeliveries(({ id }, _to, signal) => {
      signals.set(id, signal)
      return new Promise(() => {})
    })
    onTestFinished(() => deliveries.reset())
    for (let i = 0; i < 1003; i++) deliveries.add(messageOf(`msg_${i}`), ENDPOINT)
    expect(deliveries.pending()).toBe(1000)
    expect(deliveries.droppedCount()).toBe(3)
    expect(signals.get('msg_0')?.aborted).toBe(true)
    const latest = deliveries.latest()
    expect(latest).toHaveLength(200)
    expect([latest[0]?.id, latest[199]?.id]).toEqual(['msg_1002', 'msg_803'])
    deliveries.reset()
    expect([deliveries.pending(), deliveries.droppedCount()]).toEqual([0, 0])
  })
})

describe('a queue', () => {
  test('runs one task at a time, in order', async () => {
    const started: number[] = []
    const ends: (() => void)[] = []
    const queue = createQueue((n: number) => {
      started.push(n)
      return new Promise<void>((resolve) => ends.push(resolve))
    }, 60_000)
    for (const n of [1, 2, 3, 4]) queue.add(n)
    queue.remove(3)
    expect(started).toEqual([1])
    ends[0]!()
    await expect.poll(() => started).toEqual([1, 2])
    ends[1]!()
    await expect.poll(() => started).toEqual([1, 2, 4])
    ends[2]!()
    queue.add(5)
    await expect.poll(() => started).toEqual([1, 2, 4, 5])
  })

  test('starts the next task after a timeout', async () => {
    const started: number[] = []
    const queue = createQueue((n: number) => {
      started.push(n)
      return new Promise<void>(() => {})
    }, 10)
    for (const n of [1, 2, 3]) queue.add(n)
    expect(started).toEqual([1])
    await expect.poll(() => started).toEqual([1, 2, 3])
  })
})

describe('post', () => {
  const send = (url: string, options: { timeoutInMs?: number; signal?: AbortSignal } = {}) =>
    post({ url, headers: {}, body: '{}', signal: new AbortController().signal, ...options })

  test('times out', async () => {
    const receiver = await startReceiverOfAnything(() => {})
    expect(await send(receiver.url, { timeoutInMs: 50 })).toEqual({ status: null, reason: 'no response within 0.05 s' })
  })

  test('returns the status before the body, and cuts off an endless body', async () => {
    let isClosed = false
    const receiver = await startReceiverOfAnything((response) => {
      response.on('close', () => (isClosed = true))
      response.writeHead(200)
      const writeMore = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      }
      response.on('drain', writeMore)
      writeMore()
    })
    expect(await send(receiver.url)).toEqual({ status: 200, reason: null })
    await expect.poll(() => isClosed).toBe(true)
  })

  test('fails if the server switches protocols', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    server.on('request', (_request, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
    })
    await once(server, 'listening')
    onTestFinished(() => server.close().closeAllConnections())
    const answer = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    expect(answer).toMatchObject({ status: null, reason: expect.any(String) })
  })

  test('uses TLS for https', async () => {
    const { url } = await startReceiverOfAnything()
    const { reason } = await send(url.replace('http:', 'https:'))
    expect(reason).toMatch(/SSL|EPROTO/)
  })

  test('stops when aborted, before and after it started', async () => {
    const receiver = await startReceiverOfAnything(() => {})
    expect(await send(receiver.url, { signal: AbortSignal.abort() })).toMatchObject({ status: null })
    expect(receiver.received).toEqual([])
    const stopping = new AbortController()
    const answer = send(receiver.url, { signal: stopping.signal })
    await receiver.waitFor(1)
    stopping.abort()
    expect(await answer).toEqual({ status: null, reason: 'ABORT_ERR' })
  })

  test('does not keep the process alive', async () => {
    const countOf = (resource: string) => process.getActiveResourcesInfo().filter((name) => name === resource).length
    const receiver = await startReceiverOfAnything((_response, request) => void request.socket.unref())
    await expect.poll(() => countOf('TCPSocketWrap')).toBe(0)
    const timers = countOf('Timeout')
    void send(receiver.url)
    await receiver.waitFor(1)
    // Sockets and timers of earlier tests may still end meanwhile.
    await expect.poll(() => countOf('TCPSocketWrap')).toBe(0)
    expect(countOf('Timeout')).toBeLessThanOrEqual(timers)
  })
})
