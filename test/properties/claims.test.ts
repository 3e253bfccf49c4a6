import { createClerkAuth } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimsFaultsOf, type Expectations } from './claims-model.js'
import {
  CLAIMS,
  HEADERS,
  HERE,
  ISSUER,
  issuer,
  JWT_KINDS,
  MACHINE,
  NOW,
  SECONDS,
  USER,
  type JwtKind,
} from './issuer.js'
import { modelKindOf } from './kind-model.js'
import { runs } from './runs.js'
import { isIJson } from './i-json.js'

const { jwk, token } = issuer()
const APP = 'https://app.example.com'
const PRESENT = Symbol('unchanged')
const ABSENT = undefined

const anything = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }).filter(isIJson)
const near = (...values: unknown[]) => fc.constantFrom(...values)
/** Times around now, in whole seconds and fractions, and values that are not times. */
const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -9, max: 9 }).map((offset) => SECONDS + offset) },
  { weight: 4, arbitrary: fc.integer({ min: -9000, max: 9000 }).map((ms) => SECONDS + ms / 1000) },
  near(0, 0.5, 0.99, 1),
  near(`${SECONDS}`, [SECONDS], -1, 8.64e12, 8.64e12 + 1, 1e300, SECONDS * 1000, true),
)
const text = near('', ' ', 'x', 0, ['x'], {})
const machines = near(
  HERE,
  MACHINE,
  `${MACHINE} ${HERE}`,
  [HERE],
  [MACHINE, HERE],
  [MACHINE],
  [HERE, 1],
  `${HERE}h`,
  '',
)

/** For each claim, values other than a valid one. */
const SPOILT: Record<string, fc.Arbitrary<unknown>> = {
  iss: near(`${ISSUER}/`, 'https://CLERK.example.com', [ISSUER], 'https://other.example', ''),
  sub: near(USER, MACHINE, `${MACHINE}m`, 'mch_', 'user_', 'user_ü', `${USER}\n`, 'org_1', '', 1, [USER]),
  sid: text,
  exp: time,
  iat: time,
  nbf: time,
  azp: near(APP, `${APP}/`, 'null', '', [APP]),
  aud: fc.oneof(
    near('api', ['api'], ['x', 'api'], ['api', 1], ['api', ''], [['api']], 'API', 'api,x', '', [], {}),
    machines,
  ),
  sts: near('active', 'pending', 'PENDING', ['pending'], true),
  client_id: text,
  scopes: machines,
}

/** Each claim is unchanged, omitted, nearly valid, or anything at all. */
const spoilt = fc.record(
  Object.fromEntries(
    Object.entries(SPOILT).map(([name, arbitrary]) => [
      name,
      fc.oneof(
        { weight: 20, arbitrary: fc.constant<unknown>(PRESENT) },
        { weight: 1, arbitrary: fc.constant<unknown>(ABSENT) },
        { weight: 3, arbitrary },
        { weight: 1, arbitrary: anything },
      ),
    ]),
  ),
)

const expectations: fc.Arbitrary<Expectations> = fc.record({
  now: fc.oneof(fc.constant(NOW), fc.integer({ min: NOW - 9000, max: NOW + 70_000 })),
  clockSkewInMs: fc.constantFrom(0, 1, 999, 1000, 5000),
  issuer: fc.constantFrom(undefined, [ISSUER], ['https://x.example', ISSUER]),
  audience: fc.constantFrom(undefined, undefined, ['api'], ['other', 'api']),
  authorizedParties: fc.constantFrom(undefined, [APP], ['https://x.example', APP]),
  missingAzp: fc.constantFrom('reject' as const, 'allow' as const),
  treatPendingAsSignedOut: fc.boolean(),
  machineId: fc.constantFrom(HERE, 'any'),
})

function instance({ now, authorizedParties, missingAzp, issuer, audience, ...options }: Expectations) {
  return createClerkAuth(
    {
      ...options,
      ...(issuer && { issuer }),
      ...(audience && { audience }),
      ...(authorizedParties && { authorizedParties, missingAzp }),
      jwks: { keys: [jwk] },
      cache: { maxEntries: 0 },
      now: () => now,
    },
    {},
  )
}

const isOwn = ([name]: [string, unknown]) => !['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'].includes(name)

/** The subject of valid claims. */
function expectedAuth(kind: JwtKind, claims: Record<string, unknown>): object {
  const { sub, sid, exp, client_id: clientId } = claims
  const common = { isAuthenticated: true, tokenType: kind, expiresAt: Math.floor(exp as number) * 1000 }
  switch (kind) {
    case 'session_token':
      return { ...common, userId: sub, sessionId: sid, sessionClaims: claims }
    case 'oauth_token':
      return { ...common, userId: sub, subject: sub, clientId }
    case 'jwt_template':
      return { ...common, userId: sub, claims }
    case 'm2m_token':
      return {
        ...common,
        machineId: sub,
        subject: sub,
        claims: Object.fromEntries(Object.entries(claims).filter(isOwn)),
      }
  }
}

describe('the claims of a token with a valid signature', () => {
  test.each(JWT_KINDS)('are accepted or refused as the model says: %s', async (kind) => {
    const verdicts = { passed: 0, refused: 0 }
    const property = fc.asyncProperty(spoilt, expectations, fc.boolean(), async (changes, expected, isCategorized) => {
      const present: Record<string, unknown> = { ...CLAIMS[kind] }
      for (const [name, value] of Object.entries(changes)) if (value !== PRESENT) present[name] = value
      const claims = JSON.parse(JSON.stringify(present)) as Record<string, unknown>
      const header = isCategorized || kind === 'oauth_token' ? HEADERS[kind] : {}

      const clerk = instance(expected)
      const answer = await clerk
        .verifyToken(token(claims, header), { acceptsToken: kind })
        .catch((error: unknown) => error)

      const isKind = modelKindOf(header, claims) === kind
      const faults: string[] = isKind ? claimsFaultsOf(kind, claims, expected) : ['token-type-mismatch']
      const refusal = { code: expect.toBeOneOf(faults) as unknown }
      expect(answer).toMatchObject(faults.length > 0 ? refusal : expectedAuth(kind, claims))
      verdicts[faults.length > 0 ? 'refused' : 'passed']++
    })
    await fc.assert(property, runs(600))
    // Otherwise the inputs would show nothing.
    expect(verdicts.passed).toBeGreaterThan(50)
    expect(verdicts.refused).toBeGreaterThan(50)
  })
})
