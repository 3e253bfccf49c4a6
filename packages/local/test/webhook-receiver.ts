import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished } from 'vitest'
import { webhookProblems } from './backend-api/facts.js'

export interface ReceivedWebhook {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: {
    readonly type: string
    readonly data: any
    readonly object: string
    readonly timestamp: number
    readonly instance_id: string
    readonly event_attributes: object
  }
}

export interface Receiver {
  readonly url: string
  readonly received: ReceivedWebhook[]
  readonly types: () => readonly string[]
  /** Resolves once `n` requests have arrived. */
  readonly waitFor: (n: number) => Promise<void>
}

type Answer = (response: ServerResponse, request: IncomingMessage, received: ReceivedWebhook[]) => void

/**
 * Starts a webhook receiver. `answer` is called after the request was read, and responds with 204 by default. The test
 * fails if an event is not as Clerk documents it.
 */
export async function startReceiver(answer?: Answer, port?: number): Promise<Receiver> {
  const problems: (readonly string[])[] = []
  const receiver = await startReceiverOfAnything((response, request, received) => {
    const { event } = received.at(-1)!
    problems.push(...webhookProblems(event.type, event).map((problem) => [event.type, problem]))
    if (answer) answer(response, request, received)
    else response.writeHead(204).end()
  }, port)
  onTestFinished(() => expect(problems).toEqual([]))
  return receiver
}

/** Starts a webhook receiver that also accepts made-up data, as `webhooks.send()` sends it. */
export async function startReceiverOfAnything(
  answer: Answer = (response) => void response.writeHead(204).end(),
  port = 0,
): Promise<Receiver> {
  const received: ReceivedWebhook[] = []
  let waiting: { n: number; resolve: () => void }[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    const { method = '', url: path = '', headers } = request
    received.push({ method, path, headers, body, event: JSON.parse(body) })
    answer(response, request, received)
    for (const { n, resolve } of waiting) if (received.length >= n) resolve()
    waiting = waiting.filter(({ n }) => received.length < n)
  }
  const server = createServer((request, response) => void receive(request, response))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    types: () => received.map(({ event }) => event.type),
    waitFor: (n) => new Promise((resolve) => (received.length >= n ? resolve() : waiting.push({ n, resolve }))),
  }
}

/** URL of a port on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/webhooks`
}
