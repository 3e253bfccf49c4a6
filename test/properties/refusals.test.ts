import { AuthError, createClerkAuth, toChallenge, type ClerkAuthEvent } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/auth/errors.js'
import { hostileHeader, hostileString } from './hostile-string.js'
import { CLAIMS, HEADERS, HERE, ISSUER, issuer, JWT_KINDS, NOW } from './issuer.js'
import { runs } from './runs.js'

const { jwk, token } = issuer()
const anyKind = fc.constantFrom(...JWT_KINDS)
const events: ClerkAuthEvent[] = []
const options = {
  jwks: { keys: [jwk] },
  acceptsToken: JWT_KINDS,
  machineId: HERE,
  now: () => NOW,
  onEvent: (event: ClerkAuthEvent) => void events.push(event),
} as const
const clerk = createClerkAuth(options, {})
const withCookies = createClerkAuth({ ...options, cookies: true, authorizedParties: 'https://app.example.com' }, {})

/** The refusal that `work` ends in. Any other outcome fails the test. */
async function refusalOf(work: Promise<unknown>): Promise<AuthError> {
  const answer: unknown = await work.catch((error: unknown) => error)
  const error = isRefused(answer) ? answer.error : answer
  if (AuthError.is(error)) return error
  throw new Error('no refusal', { cause: answer })
}

function isRefused(answer: unknown): answer is { readonly error: unknown } {
  return (
    typeof answer === 'object' && answer !== null && 'isAuthenticated' in answer && answer.isAuthenticated === false
  )
}

/** The sources that an application can pass, for one header. */
const SOURCES = {
  'a function': (value: string) => () => value,
  'a record': (value: string) => ({ headers: { authorization: value } }),
  'a list': (value: string) => ({ headers: { authorization: [value] } }),
  'a request of Node': (value: string) => ({
    headers: { authorization: value },
    rawHeaders: ['Host', 'api', 'Authorization', value],
  }),
  'a Headers': (value: string) => ({ get: () => value }),
} as const

const source = fc.constantFrom(...(Object.keys(SOURCES) as (keyof typeof SOURCES)[]))

// RFC 6750 section 3: %x20-21 / %x23-5B / %x5D-7E in the values, and the quotes around them.
const CHALLENGE = /^Bearer realm="api"(, error="[a-z_]+", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+")?$/

/** The result of a refusal depends only on its code, so it can contain nothing of the input. */
function answerTo(error: AuthError) {
  return { known: error.code in AUTH_ERRORS, ...toChallenge(error) }
}
function expectedFor({ code }: AuthError) {
  const { status, headers, body } = toChallenge(new AuthError(code))
  const form = status === 503 ? { 'Retry-After': /^\d+$/ } : { 'WWW-Authenticate': CHALLENGE }
  for (const [name, pattern] of Object.entries(form))
    if (!pattern.test(headers[name] ?? '')) throw new Error(`${name} of ${code} is not valid by RFC 6750`)
  return { known: true, status: AUTH_ERRORS[code][0], headers, body }
}

describe('any string sent as a token', () => {
  test('is refused with a known code', async () => {
    const property = fc.asyncProperty(hostileString, async (token) => {
      const error = await refusalOf(clerk.verifyToken(token))
      expect(answerTo(error)).toEqual(expectedFor(error))
    })
    await fc.assert(property, runs(2000))
  })

  test('is refused if it is not a string', async () => {
    const property = fc.asyncProperty(fc.anything(), async (token) => {
      fc.pre(typeof token !== 'string')
      expect(await refusalOf(clerk.verifyToken(token as string))).toHaveProperty('code', 'credentials-malformed')
    })
    await fc.assert(property, runs(300))
  })
})

describe('any string sent as the Authorization header', () => {
  test('is unauthenticated, with a known reason', async () => {
    const property = fc.asyncProperty(hostileHeader, source, async (value, name) => {
      const error = await refusalOf(clerk.authenticate(SOURCES[name](value)))
      expect(answerTo(error)).toEqual(expectedFor(error))
    })
    await fc.assert(property, runs(2000))
  })

  test('is unauthenticated if the header is not a string', async () => {
    const property = fc.asyncProperty(fc.anything(), async (value) => {
      fc.pre(typeof value !== 'string')
      expect(await refusalOf(clerk.authenticate(() => value as string))).toHaveProperty(
        'code',
        expect.stringMatching(/^credentials-/),
      )
    })
    await fc.assert(property, runs(300))
  })
})

describe('any string sent as a cookie', () => {
  const cookies = fc.array(fc.tuple(fc.constantFrom('__session', '__session_x', ' __session', ''), hostileString))
  const cookie = cookies.map((pairs) => pairs.map((pair) => pair.join('=')).join('; '))
  const nonString = fc.anything().filter((value) => typeof value !== 'string')
  const method = fc.constantFrom('GET', 'POST', undefined)

  test('is unauthenticated, with a known reason', async () => {
    const property = fc.asyncProperty(
      fc.oneof(cookie, cookie, nonString),
      hostileString,
      method,
      async (cookie, origin, method) => {
        const error = await refusalOf(
          withCookies.authenticate({ headers: { cookie: cookie as string, origin }, method }),
        )
        expect(answerTo(error)).toEqual(expectedFor(error))
      },
    )
    await fc.assert(property, runs(1000))
  })
})

describe('a refusal', () => {
  // Letters that are not adjacent in any of our words.
  const mark = fc.string({ unit: fc.constantFrom(...'QXZJKWVqxzjkwv789'.split('')), minLength: 12, maxLength: 24 })

  /** Pieces of the marker in what the caller and the operator see: six characters are more than coincidence. */
  function said(error: AuthError, mark: string): string[] {
    const { headers, body } = toChallenge(error)
    const words = JSON.stringify([headers, body, error, error.message, error.stack, String(error.cause), events])
    const pieces = Array.from({ length: mark.length - 5 }, (_, i) => mark.slice(i, i + 6))
    return pieces.filter((piece) => words.includes(piece))
  }

  test('contains nothing of the input, neither for the caller nor for the operator', async () => {
    const property = fc.asyncProperty(hostileString, mark, fc.nat(), async (text, mark, at) => {
      const cut = at % (text.length + 1)
      events.length = 0
      const error = await refusalOf(clerk.authenticate(() => `Bearer ${text.slice(0, cut)}${mark}${text.slice(cut)}`))
      expect(said(error, mark)).toEqual([])
    })
    await fc.assert(property, runs(1000))
  })

  test('contains nothing of the claims and the header of a token with a valid signature', async () => {
    // Regardless of other faults, the token has expired.
    const later = () => NOW + 120_000
    const strict = createClerkAuth(
      { ...options, now: later, issuer: ISSUER, audience: 'api', authorizedParties: 'https://app.example.com' },
      {},
    )
    const parameter = fc.constantFrom('kid', 'cat', 'typ', 'alg', 'crit', 'other')
    const claim = fc.constantFrom(
      'iss',
      'sub',
      'sid',
      'exp',
      'iat',
      'nbf',
      'azp',
      'aud',
      'scopes',
      'client_id',
      'other',
    )
    const form = fc.constantFrom(
      (mark: string): unknown => mark,
      (mark: string) => [mark],
      (mark: string) => ({ [mark]: mark }),
    )
    const property = fc.asyncProperty(
      anyKind,
      parameter,
      claim,
      form,
      mark,
      async (kind, parameter, claim, form, mark) => {
        const headers = [HEADERS[kind], { ...HEADERS[kind], [parameter]: form(mark) }]
        const claims = { ...CLAIMS[kind], azp: 'app', aud: HERE, [claim]: form(mark) }
        for (const header of headers) {
          events.length = 0
          const error = await refusalOf(strict.authenticate(() => `Bearer ${token(claims, header)}`))
          expect(said(error, mark)).toEqual([])
        }
      },
    )
    await fc.assert(property, runs(500))
  })
})
