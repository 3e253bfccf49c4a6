import { createClient, ErrorReply } from 'redis'
import type { Script } from './scripts.js'

/** The part of a client, a cluster or a sentinel of the package `redis` that is used here. */
export interface RedisClient {
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>
  duplicate(): unknown
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

interface Connectable {
  connect(): Promise<unknown>
  on(event: 'connect' | 'error' | 'ready' | 'reconnecting', listener: () => void): unknown
  destroy(): void
}

/** A copy of the client, for the subscription. */
interface Subscriber extends Connectable {
  subscribe(channel: string, listener: () => void): Promise<unknown>
}

/** What the store needs of a client. */
export interface Connection {
  readonly run: (script: Script, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>
  /** @param listener called for each message, and `reconnected` after each lost connection */
  readonly subscribe: (channel: string, changed: () => void, reconnected: () => void) => void
  readonly close: () => void
}

const MAX_RECONNECT_DELAY_IN_MS = 1000
const CONNECT_TIMEOUT_IN_MS = 1000
/**
 * After that, another connection is made: while a network loses everything, TCP waits ever longer before it sends again,
 * and would do so for up to a minute after the network is back.
 */
const MAX_SILENCE_IN_MS = 5000

/** Whether the package `redis` can read a URL. */
export function isReadable(url: string): boolean {
  try {
    createClient({ url })
    return true
  } catch {
    return false
  }
}

/** Connects when it is first used, and reconnects for as long as it is open. */
export function connectionTo(url: string): Connection {
  let client = newClient()
  const subscription = subscriptionOf(client)
  let connecting: Promise<unknown> | undefined
  let disconnect = () => {}
  /** When a command was sent, if none has been answered since. */
  let waitingSince: number | undefined
  let isClosed = false

  function newClient() {
    const created = createClient({
      url,
      // Fails at once while there is no connection: a request can be answered without the store.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_IN_MS,
        reconnectStrategy: (retries: number) =>
          Math.min(MAX_RECONNECT_DELAY_IN_MS, 50 * 2 ** Math.min(retries, 5)) * (0.5 + Math.random() / 2),
      },
    })
    // It connects again.
    created.on('error', () => (waitingSince = undefined))
    return created
  }

  function connect(): Promise<unknown> {
    const { connected, close } = open(client)
    disconnect = close
    return new Promise((resolve, reject) => {
      // It goes on trying. Requests must not wait for that: they would pile up.
      client.once('error', reject)
      connected.then(resolve, reject)
    })
  }

  function reconnect(): void {
    disconnect()
    client = newClient()
    waitingSince = undefined
    connecting = connect()
    // Reported by the next command.
    connecting.catch(() => {})
  }

  async function run(...command: Parameters<Connection['run']>): Promise<unknown> {
    if (isClosed) throw new Error('closed')
    if (waitingSince !== undefined && performance.now() - waitingSince > MAX_SILENCE_IN_MS) reconnect()
    connecting ??= connect()
    waitingSince ??= performance.now()
    if (!client.isReady) await connecting
    try {
      const answer = await runBy(client, ...command)
      waitingSince = undefined
      return answer
    } catch (error) {
      if (error instanceof ErrorReply) waitingSince = undefined
      // The name in the URL may belong to another server since a failover.
      if (error instanceof ErrorReply && error.message.startsWith('READONLY') && !isClosed) reconnect()
      throw error
    }
  }

  return {
    run,
    subscribe: subscription.subscribe,
    close: () => {
      isClosed = true
      subscription.close()
      disconnect()
    },
  }
}

/** @param client connected and closed by the application, except for the copy that subscribes */
export function connectionOf(client: RedisClient): Connection {
  const { subscribe, close } = subscriptionOf(client)
  // Reported where a command fails. Without a listener, an error event ends the process.
  const ignore = () => {}
  client.on('error', ignore)
  return {
    run: (...command) => runBy(client, ...command),
    subscribe,
    close: () => {
      client.off('error', ignore)
      close()
    },
  }
}

function runBy(client: RedisClient, ...[script, keys, args]: Parameters<Connection['run']>): Promise<unknown> {
  return client.eval(script, { keys: [...keys], arguments: args.map(String) })
}

function subscriptionOf(client: RedisClient): Pick<Connection, 'subscribe' | 'close'> {
  let disconnect = () => {}
  return {
    subscribe: (channel, changed, reconnected) => {
      let connections = 0
      const subscriber = client.duplicate() as Subscriber
      subscriber.on('ready', () => {
        if (connections++ > 0) reconnected()
      })
      const { connected, close } = open(subscriber)
      disconnect = close
      // It subscribes again after a reconnection by itself. Without it, the log is read every second.
      connected.then(() => subscriber.subscribe(channel, changed)).catch(() => {})
    },
    close: () => disconnect(),
  }
}

/** Opens a connection that can be closed at any time: by itself, a client leaves a socket open that was not open yet. */
function open(client: Connectable): { readonly connected: Promise<unknown>; readonly close: () => void } {
  let isOpening = true
  let isClosed = false
  const settled = () => {
    isOpening = false
    if (isClosed) destroy(client)
  }
  client.on('connect', settled)
  client.on('error', settled)
  client.on('reconnecting', () => (isOpening = true))
  const connected = client.connect()
  connected.then(settled, settled)
  const close = () => {
    isClosed = true
    if (!isOpening) destroy(client)
  }
  return { connected, close }
}

function destroy(client: { destroy: () => void }): void {
  try {
    // Throws if it is closed already.
    client.destroy()
  } catch {
    // Nothing is left to close.
  }
}
