import { sharedMemory, type SharedMemory, type SharedMemoryOptions, type SharedStore } from '@clerk-auth/core/shared'
import { connectionOf, connectionTo, isReadable, type Connection, type RedisClient } from './connection.js'
import { APPEND, CLAIM, FIND, MEMORY, READ, REMOVE, SETTLE } from './scripts.js'

export interface RedisStoreOptions extends SharedMemoryOptions {
  /** Such as `rediss://user:password@redis.internal:6379`. Default: `REDIS_URL` in the environment. */
  readonly url?: string
  /**
   * Instead of `url`: a client of the application, which connects and closes it. A cluster or a sentinel is one too. A
   * second connection is made for the subscription.
   */
  readonly client?: RedisClient
}

/** Beyond that, processes look up revocations by their keys. */
const MAX_LOG_LENGTH = 100_000
const PAGE_LENGTH = 1000

/**
 * Shares Clerk's answers, its key set and revocations between processes through Redis 7: `shared: redisStore()`.
 *
 * @throws {TypeError} naming the invalid or missing option
 */
export function redisStore(options: RedisStoreOptions = {}): SharedMemory {
  const { url, client, ...others } = options
  if (url !== undefined && client !== undefined) throw new TypeError('redisStore() takes "url" or "client", not both')
  if (client !== undefined && typeof client?.eval !== 'function')
    throw new TypeError('redisStore(): "client" must be a client, a cluster or a sentinel of the package "redis"')
  if (client)
    return sharedMemory(
      storeOf(() => connectionOf(client)),
      others,
    )
  const checked = checkedUrl(url)
  return sharedMemory(
    storeOf(() => connectionTo(checked)),
    others,
  )
}

function checkedUrl(given: string | undefined): string {
  const url = given ?? process.env['REDIS_URL']
  if (!url) throw new TypeError('redisStore() needs the URL of a Redis: set REDIS_URL, or the option "url" or "client"')
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new TypeError('redisStore(): the URL must begin with "redis://" or "rediss://"')
  if (!isReadable(url))
    throw new TypeError(
      'redisStore(): the URL cannot be read: its path must be the number of a database, and "%" in the password must be ' +
        'written as "%25"',
    )
  return url
}

function storeOf(connect: () => Connection): SharedStore {
  return {
    open: (name, { changed, reconnected }, keepLogForMs) => {
      const connection = connect()
      const log = `${name}:log`
      const channel = `${name}:changed`
      connection.subscribe(channel, changed, reconnected)
      return {
        claim: async (key, { owner, forMs }) => {
          const keys = [key, leaseOf(key), log]
          const [position, leased, stored, leftInMs] = (await connection.run(CLAIM, keys, [owner, forMs])) as Claimed
          const value = stored === undefined ? undefined : valueOf(stored, leftInMs ?? 0)
          return { ...(value && { value }), isLeased: leased === 1, position: positionOf(position) }
        },
        settle: async (key, owner, value) => {
          const stored = value ? `${value.forMs}:${value.text}` : ''
          await connection.run(SETTLE, [key, leaseOf(key)], [owner, stored, value?.forMs ?? 0])
        },
        remove: async (key, text) => void (await connection.run(REMOVE, [key], [text])),
        append: async (entries) => {
          const options = [keepLogForMs, MAX_LOG_LENGTH, channel]
          await Promise.all(
            entries.map(({ key, rank, text, forMs }) =>
              connection.run(APPEND, [key, log, `${log}:since`], [rank, text, forMs, ...options]),
            ),
          )
        },
        read: async (after) => {
          const asked = [idOf(after), PAGE_LENGTH]
          const [last, length, isThere, entries] = (await connection.run(READ, [log], asked)) as Page
          return {
            entries: entries.map(([id, [, key, , text]]) => ({ position: positionOf(id), key, text })),
            position: positionOf(last),
            isContinuous: isThere === 1,
            isTrimmed: length >= MAX_LOG_LENGTH,
          }
        },
        find: async (keys) => {
          const texts = (await connection.run(FIND, keys, [])) as string[]
          return keys.flatMap((key, i) => (texts[i] ? [{ key, text: texts[i].replace(/^\d+:/, '') }] : []))
        },
        problem: async () => problemOf((await connection.run(MEMORY, [log], [])) as string),
        close: connection.close,
      }
    },
  }
}

/** @param memory that section of `INFO` */
function problemOf(memory: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction'
  if (policy === 'noeviction' || /^maxmemory:0\s*$/m.test(memory)) return undefined
  return (
    `the maxmemory-policy of Redis is "${policy}", which drops revocations when its memory is full: ` +
    'set it to "noeviction", or use a Redis for this alone'
  )
}

type Claimed = [position: string, leased: number, stored?: string, leftInMs?: number]
type Page = [
  last: string,
  length: number,
  isThere: number,
  entries: [id: string, fields: [string, string, string, string]][],
]

/** Values are stored with how long they live in all, which tells their age. */
function valueOf(stored: string, leftInMs: number): { readonly text: string; readonly ageInMs: number } {
  const livesForMs = Number.parseInt(stored, 10)
  // Every value is stored with an expiry. If someone has removed it, the value counts as old.
  const ageInMs = leftInMs >= 0 && livesForMs >= 0 ? livesForMs - leftInMs : Number.POSITIVE_INFINITY
  return { text: stored.slice(stored.indexOf(':') + 1), ageInMs }
}

function leaseOf(key: string): string {
  return `${key}:lease`
}

/** Ids of a stream are two numbers; positions have a fixed width, so that they compare as strings. */
function positionOf(id: string): string {
  return id.replace(/\d+/g, (digits) => digits.padStart(20, '0'))
}

function idOf(position: string): string {
  return position.replace(/0*(\d+)/g, '$1')
}
