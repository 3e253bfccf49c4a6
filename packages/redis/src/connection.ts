import { createClient } from 'redis'
import type { Script } from './scripts.js'

/** The part of a client, a cluster or a sentinel of the package `redis` that is used here. */
export interface RedisClient {
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>
  duplicate(): unknown
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

/** A copy of the client, for the subscription. */
interface Subscriber {
  connect(): Promise<unknown>
  subscribe(channel: string, listener: () => void): Promise<unknown>
  on(event: 'error' | 'ready', listener: () => void): unknown
  destroy(): void
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
  const client = createClient({
    url,
    // Fails at once while there is no connection: a request can be answered without the store.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_IN_MS,
      reconnectStrategy: (retries: number) =>
        Math.min(MAX_RECONNECT_DELAY_IN_MS, 50 * 2 ** Math.min(retries, 5)) * (0.5 + Math.random() / 2),
    },
  })
  const connection = connectionOf(client)
  let connecting: Promise<unknown> | undefined
  const connect = () =>
    new Promise((resolve, reject) => {
      // It goes on trying. Requests must not wait for that: they would pile up.
      client.once('error', reject)
      client.connect().then(resolve, reject)
    })
  return {
    run: async (script, keys, args) => {
      connecting ??= connect()
      if (!client.isReady) await connecting
      return connection.run(script, keys, args)
    },
    subscribe: connection.subscribe,
    close: () => {
      connection.close()
      if (connecting) destroy(client)
    },
  }
}

/** @param client connected and closed by the application, except for the copy that subscribes */
export function connectionOf(client: RedisClient): Connection {
  let subscriber: Subscriber | undefined
  // Reported where a command fails. Without a listener, an error event ends the process.
  const ignore = () => {}
  client.on('error', ignore)

  return {
    run: (script, keys, args) => client.eval(script, { keys: [...keys], arguments: args.map(String) }),
    subscribe: (channel, changed, reconnected) => {
      let connections = 0
      const copy = client.duplicate() as Subscriber
      subscriber = copy
      copy.on('error', ignore)
      copy.on('ready', () => {
        if (connections++ > 0) reconnected()
      })
      // It subscribes again after a reconnection by itself.
      copy
        .connect()
        .then(() => copy.subscribe(channel, changed))
        .catch(ignore)
    },
    close: () => {
      client.off('error', ignore)
      if (subscriber) destroy(subscriber)
    },
  }
}

/** Ends a connection at once, even if it is not open yet. */
function destroy(client: { destroy: () => void }): void {
  try {
    // Throws if it is closed already.
    client.destroy()
  } catch {
    // Nothing is left to close.
  }
}
