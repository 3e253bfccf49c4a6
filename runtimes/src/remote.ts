import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { channel } from 'node:diagnostics_channel'
import { randomUUID } from 'node:crypto'
import { AuthError } from '../../packages/core/src/auth/errors.js'
import type { ClerkAuthOptions, Environment } from '../../packages/core/src/index.js'
import type { AnyClerkAuth, App } from '../../test/contract/app.js'
import type { Served, Target } from '../../test/contract/targets.js'
import { exchange } from '../../test/hostile/exchange.js'
import type { Ports } from './runtimes.js'
import {
  encode,
  type Commands,
  type Replies,
  type Reply,
  type SentClerk,
  type SentError,
  type SentOptions,
} from './wire.js'

/** The apps in a runtime, and instances in it, as the tests expect them in their own process. */
export interface Remote {
  readonly createClerkAuth: (options?: ClerkAuthOptions, environment?: Environment) => AnyClerkAuth
  readonly targetOf: (name: string) => Target
}

export function remoteAt({ control, sockets }: Ports): Remote {
  const given = new Map<string, ClerkAuthOptions>()
  const stats = new Map<string, object>()
  const instances = new WeakMap<object, string>()
  /** Calls of instances that the tests do not await. */
  let pending: Promise<unknown> = Promise.resolve()

  async function command<C extends keyof Commands>(name: C, sent: Commands[C]): Promise<Replies[C]> {
    // Not by `fetch`: the tests record what their process fetches.
    const fields = [['Content-Type', 'application/json']] as const
    const request = { method: 'POST', path: `/${name}`, fields, body: JSON.stringify(sent) }
    const { body } = await exchange(`http://127.0.0.1:${control}`, request)
    const reply = JSON.parse(Buffer.from(body, 'latin1').toString()) as Reply<C>
    if ('error' in reply) throw errorOf(reply.error)
    return reply
  }

  function later<C extends keyof Commands>(name: C, sent: Commands[C]): Promise<unknown> {
    const called = pending.then(() => command(name, sent))
    pending = called.catch(() => {})
    return called
  }

  function sentOptions(options: ClerkAuthOptions, id: string): SentOptions {
    given.set(id, options)
    return { id, options: encode(options), now: (options.now ?? Date.now)() }
  }

  function createClerkAuth(options: ClerkAuthOptions = {}, environment?: Environment): AnyClerkAuth {
    const id = randomUUID()
    void later('createInstance', { ...sentOptions(options, id), environment: environment ?? null }).catch(() => {})
    const use = (call: Commands['useInstance']['call'], argument?: unknown) =>
      later('useInstance', { id, call, argument: argument ?? null })
    const clerk = {
      stats: () => stats.get(id),
      warmUp: () => use('warmUp'),
      forget: (what: unknown) => void use('forget', what),
      close: () => void use('close'),
    } as unknown as AnyClerkAuth
    instances.set(clerk, id)
    return clerk
  }

  async function serve(target: string, { clerk, seen = [], callers }: App): Promise<Served> {
    const app = randomUUID()
    const options = clerk.map((one) => instances.get(one) ?? randomUUID())
    const sent = clerk.map((one, i): SentClerk => {
      const instance = instances.get(one)
      return instance ? { instance } : sentOptions(one as ClerkAuthOptions, options[i]!)
    })
    const clocks = new Map<string, number>()

    async function setClocks(): Promise<void> {
      await pending
      const changed = options.flatMap((id) => {
        const now = given.get(id)?.now?.()
        if (now === undefined || now === clocks.get(id)) return []
        clocks.set(id, now)
        return [[id, now] as const]
      })
      if (changed.length > 0) await command('setClocks', Object.fromEntries(changed))
    }

    async function takeState(): Promise<void> {
      const state = await command('takeState', { app, options })
      seen.push(...state.seen.map(errorOf))
      for (const [id, current] of Object.entries(state.stats)) stats.set(id, current)
      for (const [id, emitted] of Object.entries(state.events))
        for (const event of emitted) for (const listener of [given.get(id)?.onEvent ?? []].flat()) listener(event)
      for (const warning of state.warnings) process.emitWarning(warning)
      for (const line of state.output) process.stderr.write(`${line}\n`)
      for (const url of state.fetched) publishFetch(new URL(url))
    }

    await pending
    const { at } = await command('serve', { id: app, target, clerk: sent, callers: callers ?? null })
    await takeState()
    const relay = await startRelay(sockets[at] ?? at, setClocks, takeState)
    return {
      url: relay.url,
      close: async () => {
        await relay.close()
        await command('close', { id: app })
      },
    }
  }

  return { createClerkAuth, targetOf: (name) => ({ name, serve: (app) => serve(name, app) }) }
}

function errorOf({ name, message, code }: SentError): Error {
  if (code) return new AuthError(code as AuthError['code'], { message })
  return name === 'TypeError' ? new TypeError(message) : new Error(message)
}

/** As Node does for a `fetch` of its own. */
function publishFetch({ origin, pathname, search }: URL): void {
  channel('undici:request:create').publish({ request: { origin, path: pathname + search } })
}

/** Forwards bytes as they are, but first does what must be done before a request arrives, and before its response does. */
async function startRelay(
  port: number,
  beforeRequest: () => Promise<void>,
  beforeResponse: () => Promise<void>,
): Promise<Served> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const app = connect(port, '127.0.0.1')
    forward(client, app, beforeRequest)
    forward(app, client, beforeResponse)
    for (const socket of [client, app]) {
      socket.setNoDelay()
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function forward(from: Socket, to: Socket, before: () => Promise<void>): void {
  let queue: Promise<unknown> = Promise.resolve()
  from.on('data', (chunk) => {
    queue = queue.then(before).then(() => to.write(chunk))
  })
  from.on('end', () => {
    queue = queue.then(() => to.end())
  })
  from.on('error', () => {})
  from.on('close', () => {
    queue = queue.then(() => to.destroySoon())
  })
}
