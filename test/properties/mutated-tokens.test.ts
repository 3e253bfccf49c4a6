import { AuthError, createClerkAuth, type AuthErrorCode } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/auth/errors.js'
import { claimsFaultsOf, type Expectations } from './claims-model.js'
import { CLAIMS, HEADERS, HERE, issuer, JWT_KINDS, MACHINE, NOW, USER } from './issuer.js'
import { jsonFaultsOf } from './json-model.js'
import { modelKindOf } from './kind-model.js'
import { jsonMutation, tokenMutation, type Mutation } from './mutations.js'
import { runs } from './runs.js'

const issuers = [issuer('ES256'), issuer('RS256'), issuer('EdDSA')]
const BOB = USER.replace(/u$/, 'b')
const OTHER_MACHINE = MACHINE.replace(/m$/, 'n')

interface Caller {
  readonly tokenType: string
  readonly subject: unknown
}

/** Two callers of each kind, for each key: their tokens, and who they are. */
const callers: ReadonlyMap<string, Caller> = new Map(
  issuers.flatMap(({ token }) =>
    JWT_KINDS.flatMap((kind) => {
      const subjects = [CLAIMS[kind].sub, kind === 'm2m_token' ? OTHER_MACHINE : BOB]
      return subjects.map((subject) => [
        token({ ...CLAIMS[kind], sub: subject }, HEADERS[kind]),
        { tokenType: kind, subject },
      ])
    }),
  ),
)
const tokens = [...callers.keys()]

/** It caches the valid tokens, so that a change has to get past the cache too. */
const clerk = createClerkAuth(
  { jwks: { keys: issuers.map(({ jwk }) => jwk) }, machineId: HERE, acceptsToken: JWT_KINDS, now: () => NOW },
  {},
)
beforeAll(async () => {
  for (const token of tokens) await clerk.verifyToken(token)
})

async function answerOf(token: string): Promise<Caller | { readonly code: AuthErrorCode }> {
  try {
    const auth = await clerk.verifyToken(token)
    return { tokenType: auth.tokenType, subject: 'subject' in auth ? auth.subject : auth.userId }
  } catch (error) {
    if (AuthError.is(error)) return { code: error.code }
    throw error
  }
}

const REFUSED = { code: expect.toBeOneOf(Object.keys(AUTH_ERRORS)) as unknown }

const someToken = fc.constantFrom(...tokens)
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 })
const mutated = (text: string, mutations: readonly Mutation[], others: readonly string[]) =>
  mutations.reduce((text, mutation) => (text === '' ? text : mutation(text, others)), text)

describe('a token that was changed in transit', () => {
  test('is refused, or equals one of the valid tokens and identifies the same caller', async () => {
    const codes = new Set<string>()
    const property = fc.asyncProperty(someToken, some(tokenMutation), async (token, mutations) => {
      const changed = mutated(token, mutations, tokens)
      const answer = await answerOf(changed)
      expect(answer).toEqual(callers.get(changed) ?? REFUSED)
      if ('code' in answer) codes.add(answer.code)
    })
    await fc.assert(property, runs(3000))
    expect([...codes]).toEqual(expect.arrayContaining(['token-malformed', 'token-invalid-signature']))
  })

  test('is refused if its header or claims are changed under the old signature', async () => {
    const property = fc.asyncProperty(
      someToken,
      fc.boolean(),
      some(jsonMutation),
      async (token, isHeader, mutations) => {
        const segments = token.split('.')
        const i = isHeader ? 0 : 1
        const text = Buffer.from(segments[i] ?? '', 'base64url').toString()
        const changed = mutated(text, mutations, [])
        fc.pre(changed !== text)
        const answer = await answerOf(segments.with(i, Buffer.from(changed).toString('base64url')).join('.'))
        expect(answer).toHaveProperty('code')
      },
    )
    await fc.assert(property, runs(1500))
  })
})

const EXPECTED: Expectations = {
  now: NOW,
  clockSkewInMs: 5000,
  issuer: undefined,
  audience: undefined,
  authorizedParties: undefined,
  missingAzp: 'reject',
  treatPendingAsSignedOut: true,
  machineId: HERE,
}

/** The caller that the models find in a header and claims with a valid signature; `undefined` if none. */
function callerOf(alg: string, headerJson: string, payloadJson: string): Caller | undefined {
  if ([headerJson, payloadJson].some((text) => jsonFaultsOf(Buffer.from(text)).length > 0)) return undefined
  const header = JSON.parse(headerJson) as Record<string, unknown>
  const claims = JSON.parse(payloadJson) as Record<string, unknown>
  const forbidden = ['crit', 'b64', 'enc', 'zip', 'epk', 'p2c'].some((name) => Object.hasOwn(header, name))
  if (forbidden || header['alg'] !== alg || header['kid'] !== alg) return undefined
  const kind = modelKindOf(header, claims)
  if (!kind || claimsFaultsOf(kind, claims, EXPECTED).length > 0) return undefined
  return { tokenType: kind, subject: claims['sub'] }
}

describe('a header and claims that were changed and signed again with the key of the issuer', () => {
  const anyIssuer = fc.constantFrom(...issuers)
  const anyKind = fc.constantFrom(...JWT_KINDS)
  const changes = fc.tuple(fc.array(jsonMutation, { maxLength: 2 }), fc.array(jsonMutation, { maxLength: 2 }))

  test('identify the caller they name if the models accept them, and are refused otherwise', async () => {
    let passed = 0
    const property = fc.asyncProperty(
      anyIssuer,
      anyKind,
      changes,
      async ({ jwk, sign }, kind, [ofHeader, ofClaims]) => {
        const alg = jwk.kid
        const header = mutated(JSON.stringify({ alg, kid: alg, ...HEADERS[kind] }), ofHeader, [])
        const payload = mutated(JSON.stringify(CLAIMS[kind]), ofClaims, [])
        const answer = await answerOf(sign(header, payload))
        const caller = callerOf(alg, header, payload)
        expect(answer).toEqual(caller ?? REFUSED)
        if (caller) passed++
      },
    )
    await fc.assert(property, runs(2000))
    expect(passed).toBeGreaterThan(100)
  })
})
