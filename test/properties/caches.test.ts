import { AuthError, createClerkAuth, type ClerkAuth } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CLAIMS, HEADERS, HERE, ISSUER, SECONDS, type JwtKind } from './issuer.js'
import { runs } from './runs.js'
import { KEY_SETS, KEYS, keySetOf, timeline, type KeyName, type KeySetName, type Timeline } from './timeline.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const SECOND = 1000
const MINUTE = 60 * SECOND
const SKEW = 5 * SECOND

/** docs/keys-and-caches.md: how long a key set is fresh. Changes by the issuer may go unnoticed for so long. */
const FRESH = 5 * MINUTE

interface Token {
  readonly name: string
  readonly kind: JwtKind
  readonly jwt: string
}

/** Tokens for all keys: valid for a minute, ten minutes and a day, one that is not yet valid, and one of a machine. */
const TOKENS = (Object.keys(KEYS) as KeyName[]).flatMap((key): Token[] => {
  const [iat, minute, day] = [SECONDS - 3600, SECONDS + 60, SECONDS + 86_400]
  const signed = (name: string, kind: JwtKind, claims: object): Token => {
    const times = { iat, nbf: iat, exp: day }
    const sub = kind === 'm2m_token' ? CLAIMS.m2m_token.sub : `user_${key}`
    return {
      name: `${name} by ${key}`,
      kind,
      jwt: KEYS[key].token({ ...CLAIMS[kind], ...times, sub, ...claims }, HEADERS[kind]),
    }
  }
  return [
    signed('a minute', 'session_token', { exp: minute }),
    signed('ten minutes', 'session_token', { sid: 'sess_ten', exp: SECONDS + 600, act: { sub: 'user_admin' } }),
    signed('soon', 'session_token', { sid: 'sess_soon', nbf: SECONDS + 30, exp: SECONDS + 150 }),
    signed('a day', 'session_token', { o: { id: 'org_1', rol: 'admin' } }),
    signed('a machine', 'm2m_token', {}),
  ]
})

/** The answer: the subject of the token, or the code of the refusal. */
async function answerOf(clerk: ClerkAuth, jwt: string, acceptsToken: JwtKind): Promise<string> {
  try {
    const { has, ...facts } = await clerk.verifyToken(jwt, { acceptsToken })
    return JSON.stringify({ ...facts, isAdmin: has({ role: 'org:admin' }) })
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
}

/** An instance without caches, with a key set in hand. */
function withoutCaches(name: KeySetName, { now }: Timeline): ClerkAuth {
  const options = { jwks: keySetOf(name), issuer: ISSUER, machineId: HERE, now, cache: { maxEntries: 0 } }
  return createClerkAuth(options, {})
}

interface Model {
  readonly world: Timeline
  readonly withoutCaches: ReadonlyMap<KeySetName, ClerkAuth>
  /** The latest wall time at which a token was accepted, and the monotonic time at which it expires. */
  readonly passed: Map<string, { readonly at: number; readonly until: number }>
  readonly seen: { verified: number; passed: number }
}
type Command = fc.AsyncCommand<Model, ClerkAuth>

const command = (name: string, run: (model: Model, clerk: ClerkAuth) => Promise<void> | void): Command => ({
  check: () => true,
  run: async (model, clerk) => run(model, clerk),
  toString: () => name,
})

async function compare(model: Model, clerk: ClerkAuth, jwt: string, asked: JwtKind): Promise<void> {
  const { world, withoutCaches, passed, seen } = model
  const { notAsked } = clerk.stats().keys
  const answer = await answerOf(clerk, jwt, asked)
  // Its key id is unknown, and the issuer was asked about too many others recently.
  if (clerk.stats().keys.notAsked > notAsked) return expect(answer).toBe('keys-unavailable')
  const inHand = [...world.publishedWithin(FRESH)]
  const possible = await Promise.all(inHand.map(async (name) => answerOf(withoutCaches.get(name)!, jwt, asked)))
  seen.verified++
  if (!answer.startsWith('{')) return expect(answer).toBeOneOf(possible)

  seen.passed++
  // Once accepted, a token is cached until it expires. If the clock is set back, it is not treated as younger or not
  // yet issued.
  const { at, until } = passed.get(jwt) ?? { at: 0, until: 0 }
  const isSetBack = at > world.now() && until > performance.now()
  const isForgiven = (code: string) => isSetBack && /^token-(not-active-yet|iat-in-the-future)$/.test(code)
  expect([answer, possible]).toEqual([
    answer,
    expect.toSatisfy(() => possible.some((one) => one === answer || isForgiven(one))),
  ])
  const { expiresAt } = JSON.parse(answer) as { expiresAt: number }
  const lastsUntil = performance.now() + expiresAt + SKEW - world.now()
  if (possible.includes(answer)) passed.set(jwt, { at: Math.max(at, world.now()), until: Math.max(until, lastsUntil) })
}

/** A change by an attacker who knows that the token is cached. */
const FORGERIES: readonly ((token: string, other: string) => string)[] = [
  (token) => `${token}=`,
  (token) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'),
  (token, other) => [...token.split('.').slice(0, 2), other.split('.')[2]].join('.'),
  (token, other) => [token.split('.')[0], other.split('.')[1], token.split('.')[2]].join('.'),
  (token) => token.replace('.', '.e30').replace('..', '.'),
]

const token = fc.constantFrom(...TOKENS)
/** Mostly its real kind. */
const asked = token.chain((token) =>
  fc.tuple(
    fc.constant(token),
    fc.constantFrom(token.kind, token.kind, token.kind, 'session_token' as const, 'm2m_token' as const),
  ),
)

const commands = fc.commands<Model, ClerkAuth, boolean>(
  [
    asked.map(([{ name, jwt }, kind]) =>
      command(`verify ${name} as ${kind}`, async (model, clerk) => compare(model, clerk, jwt, kind)),
    ),
    asked.map(([{ name, jwt }, kind]) =>
      command(`verify ${name} twice`, async (model, clerk) => {
        await compare(model, clerk, jwt, kind)
        await compare(model, clerk, jwt, kind)
      }),
    ),
    fc.tuple(token, token, fc.constantFrom(...FORGERIES)).map(([{ name, kind, jwt }, other, forge]) =>
      command(`forge ${name} by ${forge.toString()}`, async (model, clerk) => {
        await compare(model, clerk, jwt, kind)
        await compare(model, clerk, forge(jwt, other.jwt), kind)
      }),
    ),
    token.map(({ name, kind, jwt }) =>
      command(`write into ${name}`, async (model, clerk) => {
        await compare(model, clerk, jwt, kind)
        await clerk.verifyToken(jwt, { acceptsToken: kind }).then(tamperWith, () => {})
        await compare(model, clerk, jwt, kind)
      }),
    ),
    fc
      .constantFrom(1, 999, SECOND, 5 * SECOND, 20 * SECOND, 20 * SECOND, MINUTE, 4 * MINUTE, FRESH, 15 * MINUTE)
      .map((ms) => command(`advance ${ms}`, ({ world }) => world.advance(ms))),
    fc
      .constantFrom(-SECOND, -10 * SECOND, -MINUTE, -10 * MINUTE, MINUTE, 10 * MINUTE)
      .map((ms) => command(`jump ${ms}`, ({ world }) => world.jump(ms))),
    fc.constantFrom(...KEY_SETS).map((name) => command(`publish ${name}`, ({ world }) => world.publish(name))),
    fc.constantFrom(...KEY_SETS).map((name) =>
      command(`publish ${name}, until no other set is in hand`, ({ world }) => {
        world.publish(name)
        world.advance(FRESH + 1)
      }),
    ),
    fc
      .constantFrom<Parameters<ClerkAuth['forget']>>(['all'], [{ userId: 'user_first' }], [{ sessionId: 'sess_ten' }])
      .map(([what]) => command(`forget ${JSON.stringify(what)}`, (_model, clerk) => clerk.forget(what))),
  ],
  { maxCommands: 60, size: 'max' },
)

/** What a handler could do to an object that other requests share. */
function tamperWith(auth: object): void {
  for (const [name, value] of Object.entries(auth)) {
    Reflect.set(auth, name, 'user_mallory')
    if (typeof value === 'object' && value !== null) tamperWith(value)
  }
  Reflect.set(auth, 'isAdmin', true)
}

describe('an instance with caches', () => {
  test('gives the same answers as one without, whatever happens in between', async () => {
    const seen = { verified: 0, passed: 0 }
    const property = fc.asyncProperty(commands, fc.constantFrom(1, 2, 100), async (commands, maxEntries) => {
      const world = timeline()
      const { now, fetch } = world
      const clerk = createClerkAuth({ frontendApiUrl: ISSUER, machineId: HERE, now, fetch, cache: { maxEntries } }, {})
      const model = {
        world,
        withoutCaches: new Map(KEY_SETS.map((name) => [name, withoutCaches(name, world)])),
        passed: new Map(),
        seen,
      }
      await fc.asyncModelRun(() => ({ model, real: clerk }), commands)
    })
    await fc.assert(property, runs(100))
    expect(Math.min(seen.passed, seen.verified - seen.passed)).toBeGreaterThan(100)
  })
})
