import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import { integer, json, object, oneOf, string } from '../model/schema.js'
import { ALGORITHMS, type Algorithm } from '../model/signing-key.js'
import { damaged } from '../state/unusable-file.js'
import type { DataFile } from '../state/data-file.js'
import { defaultSeed } from '../seed/default-seed.js'
import { randomWord } from '../model/ids.js'
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

/** Checked as read from a data file, whose values are printed as shell commands. */
const IDENTITY = object({
  id: oneOf('instance'),
  secretKey: string({ pattern: /^sk_test_\w{42}$/ }),
  webhookSecret: string({ pattern: /^whsec_[\w+/]{32}$/ }),
  host: string({ pattern: /^[\w.:-]+$/ }),
  port: integer({ min: 0, max: 65_535 }),
  algorithm: oneOf(...ALGORITHMS),
  seed: json(),
})

/** @throws {TypeError} if a choice differs from that of the instance in the data file, or the file has no instance */
export function identityOf(choices: IdentityChoices, data: DataFile | undefined): Identity {
  const stored = data?.rows('instance')
  if (data && stored?.every((row) => v.is(IDENTITY, row)) === false) throw damaged(data.path)
  // A URL puts an IPv6 address in brackets, which are not part of the address.
  const host = choices.host?.replace(/^\[(.+)\]$/, '$1')
  if (stored) return storedIdentity(stored[0] as Identity | undefined, { ...choices, host })
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

/** @throws {TypeError} if there is none, or it differs from the choices */
function storedIdentity(stored: Identity | undefined, { host, port, algorithm, seed }: IdentityChoices): Identity {
  if (!stored) throw new TypeError('the data file contains no instance: restore a backup, or delete it to start over')
  const differs = (choice: unknown, value: unknown) => choice !== undefined && choice !== value
  const other =
    (differs(host, stored.host) && `on host ${stored.host}`) ||
    (differs(port || undefined, stored.port) && `on port ${stored.port}`) ||
    (differs(algorithm, stored.algorithm) && `with ${stored.algorithm}`) ||
    (seed !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(seed)), stored.seed) && 'with another seed')
  if (!other) return stored
  throw new TypeError(`the data file was created ${other}: start it the same way, or delete the file to start over`)
}
