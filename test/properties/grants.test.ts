import { createClerkAuth, type SessionAuth } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLAIMS, HEADERS, issuer, NOW } from './issuer.js'
import { runs } from './runs.js'

type Json = Readonly<Record<string, unknown>>

const { jwk, token } = issuer('EdDSA')
const clerk = createClerkAuth({ jwks: { keys: [jwk] }, now: () => NOW, cache: { maxEntries: 0 } }, {})

async function session(claims: Json): Promise<SessionAuth> {
  return clerk.verifyToken(token({ ...CLAIMS.session_token, ...claims }, HEADERS.session_token))
}

const features = ['teams', 'export', 'beta']
const actions = ['read', 'manage']
const subset = (...items: string[]) => fc.subarray(items).map((some) => some.join(','))
const scoped = subset('o:teams', 'u:beta', 'ou:export', 'o:beta', 'u:teams', 'x:export')
const masks = fc.array(fc.constantFrom('0', '1', '2', '3', '9007199254740993'), { maxLength: 4 })

/** The claims that grant something, in both versions, mostly well formed. */
const granting = fc.oneof(
  fc.record({
    v: fc.constant(2),
    o: fc.record({
      id: fc.constant('org_1'),
      rol: fc.constantFrom('admin', 'member'),
      per: subset(...actions),
      fpm: masks.map((some) => some.join(',')),
    }),
    fea: scoped,
    pla: subset('u:free', 'o:pro'),
    fva: fc.tuple(fc.integer({ min: -1, max: 20 }), fc.integer({ min: -1, max: 20 })),
  }),
  fc.record({
    v: fc.constant(undefined),
    org_id: fc.constant('org_1'),
    org_role: fc.constantFrom('org:admin', 'member'),
    org_permissions: fc.subarray(features.flatMap((feature) => actions.map((action) => `org:${feature}:${action}`))),
    fea: scoped,
    pla: subset('u:free', 'o:pro'),
    fva: fc.tuple(fc.integer({ min: -1, max: 20 }), fc.integer({ min: -1, max: 20 })),
  }),
)

const scopes = ['', 'org:', 'user:', 'o:', 'u:', 'x:']
const question = {
  role: fc.constantFrom('admin', 'org:admin', 'member', 'org:member', 'owner'),
  permission: fc.constantFrom(
    ...features.flatMap((one) => actions.flatMap((two) => [`org:${one}:${two}`, `${one}:${two}`])),
  ),
  feature: fc.constantFrom(...scopes.flatMap((scope) => features.map((feature) => `${scope}${feature}`))),
  plan: fc.constantFrom(...scopes.flatMap((scope) => ['free', 'pro'].map((plan) => `${scope}${plan}`))),
  reverification: fc.oneof(
    fc.constantFrom('strict_mfa' as const, 'strict' as const, 'moderate' as const, 'lax' as const),
    fc.record({
      level: fc.constantFrom('first_factor' as const, 'second_factor' as const, 'multi_factor' as const),
      afterMinutes: fc.integer({ min: 1, max: 20 }),
    }),
  ),
}
type Question = Readonly<Record<string, unknown>>
const FIELDS = Object.keys(question) as (keyof typeof question)[]
const single: fc.Arbitrary<Question> = fc.oneof(
  ...FIELDS.map((field) => question[field].map((value) => ({ [field]: value }))),
)
const questions: fc.Arbitrary<Question> = fc.oneof(
  fc.tuple(single, single).map(([one, other]) => ({ ...one, ...other })),
  fc.record(question, { requiredKeys: [] }),
)

const all: readonly Question[] = fc.sample(single, { numRuns: 400, seed: 1 })
const grantedTo = (auth: SessionAuth) => all.filter((asked) => auth.has(asked)).map((asked) => JSON.stringify(asked))

const nonString = fc.jsonValue({ maxDepth: 2 }).filter((value) => typeof value !== 'string')
const noList = fc.jsonValue({ maxDepth: 2 }).filter((value) => !Array.isArray(value))
const notTwo = fc.jsonValue({ maxDepth: 1 }).filter((value) => value !== 2)
const noAges = fc.oneof(
  noList,
  fc.array(fc.integer({ min: 0, max: 5 })).filter(({ length }) => length !== 2),
  fc.constantFrom(['0', '0'], [0, null], [-2, -2], [-0.5, -0.5], [true, 0], [[0], [0]]),
)
const withoutScope = scoped.map((some) => `${some},export`)

/** Malformed values, by claim and position. */
const MALFORMED: Record<string, fc.Arbitrary<unknown>> = {
  v: fc.oneof(notTwo, fc.constantFrom('2', [2], 2.5, 'v2')),
  o: fc.jsonValue({ maxDepth: 1 }),
  'o.id': nonString,
  'o.rol': nonString,
  'o.per': nonString,
  'o.fpm': fc.oneof(nonString, fc.constantFrom('-1', '1.5', '0x3', '3 3', '1e3', '+3', '٣')),
  fea: fc.oneof(nonString, withoutScope),
  pla: fc.oneof(nonString, withoutScope),
  fva: noAges,
  org_id: nonString,
  org_role: nonString,
  org_permissions: noList,
}

function replaced(claims: Json, [name = '', ...rest]: readonly string[], value: unknown): Json {
  return { ...claims, [name]: rest.length > 0 ? replaced(claims[name] as Json, rest, value) : value }
}

describe('a malformed claim', () => {
  test.each(Object.keys(MALFORMED))('grants nothing that the same claims without it do not grant: %s', async (name) => {
    const path = name.split('.')
    const property = fc.asyncProperty(granting, MALFORMED[name]!, async (claims, value) => {
      fc.pre(path.length === 1 || 'o' in claims)
      const granted = grantedTo(await session(replaced(claims, path, value)))
      const without = grantedTo(await session(replaced(claims, path, undefined)))
      expect(granted.filter((one) => !without.includes(one))).toEqual([])
    })
    await fc.assert(property, runs(60))
  })
})

describe('has', () => {
  test('is true only if each part of the question is true by itself', async () => {
    const answers = { true: 0, false: 0 }
    const property = fc.asyncProperty(granting, questions, async (claims, asked) => {
      const auth = await session(claims)
      const each = Object.entries(asked).map(([field, value]) => auth.has({ [field]: value }))
      const answer = auth.has(asked)
      expect(answer).toBe(each.length > 0 && !each.includes(false))
      answers[`${answer}`]++
    })
    await fc.assert(property, runs(1000))
    expect(Math.min(answers.true, answers.false)).toBeGreaterThan(20)
  })
})
