import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Algorithm } from '../tokens/algorithms.js'
import type { DataFile } from './data-file.js'
import { defaultSeed } from '../seed/default-seed.js'
import { randomWord } from './ids.js'
import type { Seed } from '../seed/seed.js'

/** What an instance is from its first start on, as its tokens and the variables of APIs name it. */
export interface Identity {
  readonly id: 'instance'
  /** `sk_test_…` */
  readonly secretKey: string
  /** `whsec_…`, by which webhooks are signed */
  readonly webhookSecret: string
  readonly host: string
  /** 0: a free one, as long as it has not begun */
  readonly port: number
  readonly algorithm: Algorithm
  readonly seed: Seed
}

/** What may be chosen for a new instance. */
export type IdentityChoices = {
  readonly [Choice in 'host' | 'port' | 'algorithm' | 'seed']?: Identity[Choice] | undefined
}

const KIND = 'instance'

/** @throws {TypeError} when a choice is other than that with which the instance of a data file began, or it has none */
export function identityOf(choices: IdentityChoices, data: DataFile | undefined): Identity {
  const kept = data?.rows(KIND) as readonly Identity[] | undefined
  // Brackets are how a URL writes an address of IPv6, and no part of it.
  const host = choices.host?.replace(/^\[(.+)\]$/, '$1')
  if (kept) return sameAs(kept[0], { ...choices, host })
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
  if (!begun) throw new TypeError('the data file has no instance in it: restore a copy, or delete it to begin anew')
  const differs = (choice: unknown, value: unknown) => choice !== undefined && choice !== value
  const other =
    (differs(host, begun.host) && `on host ${begun.host}`) ||
    (differs(port || undefined, begun.port) && `on port ${begun.port}`) ||
    (differs(algorithm, begun.algorithm) && `with ${begun.algorithm}`) ||
    (seed !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(seed)), begun.seed) && 'with another seed')
  if (!other) return begun
  throw new TypeError(`the data file was begun ${other}: start it so again, or delete the file to begin anew`)
}
