import { AuthError, createClerkAuth } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { claimsFaultsOf, type Expectations } from './claims-model.js'
import { CLAIMS, HERE, issuer, JWT_KINDS, MACHINE, NOW, USER } from './issuer.js'
import { CATEGORIES, modelKindOf } from './kind-model.js'

const { jwk, token } = issuer()
const clerk = createClerkAuth({ jwks: { keys: [jwk] }, machineId: HERE, now: () => NOW, cache: { maxEntries: 0 } }, {})

const TYPES = [
  undefined,
  'JWT',
  'jwt',
  'application/jwt',
  'at+jwt',
  'AT+JWT',
  'application/at+jwt',
  'application/AT+jwt',
]
const OTHER_TYPES = ['', 'JWE', 'dpop+jwt', 'at+jwt ', 'application/application/jwt', 'x/at+jwt', null, 1, ['at+jwt']]
const CATS = [undefined, ...Object.keys(CATEGORIES), 'cl_B7d4PD999AAA', '', 'CL_B7D4PD111AAA', '__proto__']
const SUBJECTS = [USER, MACHINE, `x${MACHINE}`, MACHINE.toUpperCase(), 'mch_', [MACHINE], 1, null, undefined]
const SESSIONS = ['sess_1', '', null, undefined]

const combinations = [...TYPES, ...OTHER_TYPES].flatMap((typ) =>
  CATS.flatMap((cat) => SUBJECTS.flatMap((sub) => SESSIONS.map((sid) => ({ typ, cat, sub, sid })))),
)

/** Valid for every kind, except for what distinguishes the kinds. */
const { session_token, m2m_token, oauth_token, jwt_template } = CLAIMS
const claimsOfAll = { ...session_token, ...m2m_token, ...oauth_token, ...jwt_template }

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

/** Fields that are `undefined` are omitted. */
function asSent(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>
}

async function verdictOf(jwt: string, acceptsToken: (typeof JWT_KINDS)[number]): Promise<string> {
  try {
    return (await clerk.verifyToken(jwt, { acceptsToken })).tokenType
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
}

describe(`a token with all combinations of signals: ${combinations.length} of typ, cat, sub and sid`, () => {
  test('is of at most one kind, and is accepted only where that kind is accepted', async () => {
    const surprises: unknown[] = []
    let accepted = 0
    for (const { typ, cat, sub, sid } of combinations) {
      const header = asSent({ typ, cat })
      const claims = asSent({ ...claimsOfAll, sub, sid })
      const jwt = token(claims, header)
      const kind = modelKindOf(header, claims)

      for (const asked of JWT_KINDS) {
        const verdict = await verdictOf(jwt, asked)
        const faults: string[] = kind === asked ? claimsFaultsOf(asked, claims, EXPECTED) : ['token-type-mismatch']
        const isExpected = faults.length > 0 ? faults.includes(verdict) : verdict === asked
        if (!isExpected) surprises.push({ typ, cat, sub, sid, asked, verdict, faults })
        if (verdict === asked) accepted++
      }
    }
    expect(surprises).toEqual([])
    expect(accepted).toBeGreaterThan(100)
  })

  test.each(JWT_KINDS)(
    'is accepted as %s, and as no other kind, with the claims and the header of that kind',
    async (kind) => {
      const typ = kind === 'oauth_token' ? 'at+jwt' : 'JWT'
      const verdicts = await Promise.all(JWT_KINDS.map(async (asked) => verdictOf(token(CLAIMS[kind], { typ }), asked)))
      expect(verdicts).toEqual(JWT_KINDS.map((asked) => (asked === kind ? kind : 'token-type-mismatch')))
    },
  )
})
