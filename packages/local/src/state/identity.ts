import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Algorithm } from '../tokens/algorithms.js'
import type { DataFile } from './data-file.js'
import { defaultSeed } from '../seed/default-seed.js'
import { randomWord } from './ids.js'
import { storedRecords } from './keep-records.js'
import type { Seed } from '../seed/seed.js'

/** What stays the same for an instance from its first start: tokens and APIs' environment variables refer to it. */
export interface Identity {
  readonly id: 'instance'
  /** `sk_test_…` */
  readonly secretKey: string
  /** `whsec_…`, signs webhooks */
  readonly webhookSecret: string
  readonly host: string
  /** 0: any free port, until the first start */
  readonly port: number
  readonly algorithm: Algorithm
  readonly seed: Seed
}

/** The options of a new instance. */
export type IdentityChoices = {
  readonly [Choice in 'host' | 'port' | 'algorithm' | 'seed']?: Identity[Choice] | undefined
}

const KIND = 'instance'

/** @throws {TypeError} if a choice differs from that of the instance in the data file, or the file has no instance */
export function identityOf(choices: IdentityChoices, data: DataFile | undefined): Identity {
  const stored = data && (storedRecords(data, KIND) as readonly Identity[] | undefined)
  // A URL puts an IPv6 address in brackets, which are not part of the address.
  const host = choices.host?.replace(/^\[(.+)\]$/, '$1')
  if (stored) return sameAs(stored[0], { ...choices, host })
  return {
    id: 'instance',
    secretKey: `sk_test_${randomWord(42)}`,
    webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
    host: host ?? '127.0.0.1',
    port: choices.port ?? 0,
    algorithm: choices.algorithm ?? 'RS256',
    seed: choices.seed ?? defaultSeed,
  }
}

function sameAs(begun: Identity | undefined, { host, port, algorithm, seed }: IdentityChoices): Identity {
  if (!begun) throw new TypeError('the data file contains no instance: restore a backup, or delete it to start over')
  const differs = (choice: unknown, value: unknown) => choice !== undefined && choice !== value
  const other =
    (differs(host, begun.host) && `on host ${begun.host}`) ||
    (differs(port || undefined, begun.port) && `on port ${begun.port}`) ||
    (differs(algorithm, begun.algorithm) && `with ${begun.algorithm}`) ||
    (seed !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(seed)), begun.seed) && 'with another seed')
  if (!other) return begun
  throw new TypeError(`the data file was created ${other}: start it the same way, or delete the file to start over`)
}
