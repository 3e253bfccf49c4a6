import { createClient, type RedisClientType, type RedisClusterType, type RedisSentinelType } from 'redis'
import type { Script } from './scripts.js'

/** A client, a cluster or a sentinel of the package `redis`. */
export type RedisClient =
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever modules, functions and scripts it has
  | RedisClientType<any, any, any, any, any>
  | RedisClusterType<any, any, any, any, any>
  | RedisSentinelType<any, any, any, any, any>

/** What the store needs of a client. */
export interface Connection {
  readonly run: (script: Script, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>
  /** @param listener called for each message, and `reconnected` after each lost connection */
  readonly subscribe: (channel: string, changed: () => void, reconnected: () => void) => void
  readonly close: () => void
}

const MAX_RECONNECT_DELAY_IN_MS = 1000
const CONNECT_TIMEOUT_IN_MS = 1000

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
  const connection = connectionOf(client as RedisClient)
  let connecting: Promise<unknown> | undefined
  return {
    run: async (script, keys, args) => {
      await (connecting ??= client.connect())
      return connection.run(script, keys, args)
    },
    subscribe: connection.subscribe,
    close: () => {
      connection.close()
      if (connecting) destroy(client as RedisClient)
    },
  }
}

/** @param client connected and closed by the application, except for the copy that subscribes */
export function connectionOf(client: RedisClient): Connection {
  let subscriber: RedisClient | undefined
  // Reported where a command fails. Without a listener, an error event ends the process.
  const ignore = () => {}
  client.on('error', ignore)

  return {
    run: (script, keys, args) =>
      client.eval(script, { keys: [...keys], arguments: args.map(String) }) as Promise<unknown>,
    subscribe: (channel, changed, reconnected) => {
      let connections = 0
      const copy = client.duplicate() as RedisClientType
      subscriber = copy as unknown as RedisClient
      copy.on('error', ignore)
      copy.on('ready', () => {
        if (connections++ > 0) reconnected()
      })
      // It subscribes again after a reconnection by itself.
      copy.connect().then(() => copy.subscribe(channel, changed), ignore)
    },
    close: () => {
      client.off('error', ignore)
      if (subscriber) destroy(subscriber)
    },
  }
}

/** Ends a connection at once, even if it is not open yet. */
function destroy(client: RedisClient): void {
  try {
    // Throws if it is closed already.
    client.destroy()
  } catch {
    // Nothing is left to close.
  }
}
