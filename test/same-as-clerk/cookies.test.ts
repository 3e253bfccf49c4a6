import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs } from './both.js'
import { APP, cookieToken, COOKIES, requestWithCookies, SUFFIXED, type RequestParts } from './cookies.js'
import { fieldsOf, SESSION_FIELDS } from './fields.js'
import { CATEGORY, m2mJwt, NOW, oauthJwt, SECOND, sessionToken, templateToken } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

async function ask(
  request: Request,
  acceptsToken: 'session_token' | 'any' | 'm2m_token' | 'api_key' = 'session_token',
) {
  const { here, ...shared } = COOKIES
  const clerk = await askClerk(request, { ...shared, acceptsToken })
  const options = {
    ...shared,
    ...here,
    acceptsToken,
    machineId: 'any',
    secretKey: 'sk_live_no_request_is_made_with_it',
  }
  return { clerk, ours: await askOurs(request, options) }
}

/** Each has another subject. */
const plain = () => cookieToken({ sub: 'user_plain' })
const suffixed = (claims = {}) => cookieToken({ sub: 'user_suffixed', ...claims })
const inHeader = (token = sessionToken({ sub: 'user_header', azp: APP })) => ({ Authorization: `Bearer ${token}` })

type Case = [what: string, user: string | undefined, cookies: string[], parts?: RequestParts]

describe('of two session tokens in one request', () => {
  it.each<Case>([
    ['the plain cookie, without a suffixed one', 'user_plain', [`__session=${plain()}`]],
    ['the suffixed cookie, without a plain one', 'user_suffixed', [`${SUFFIXED}=${suffixed()}`]],
    [
      'the suffixed one, if both have the same age',
      'user_suffixed',
      [`__session=${plain()}`, `${SUFFIXED}=${suffixed()}`],
    ],
    [
      'the suffixed one, even if it comes first',
      'user_suffixed',
      [`${SUFFIXED}=${suffixed()}`, `__session=${plain()}`],
    ],
    [
      'the suffixed one, if it is newer',
      'user_suffixed',
      [`__session=${plain()}`, `${SUFFIXED}=${suffixed({ iat: SECOND + 1 })}`],
    ],
    [
      'the suffixed one beside a plain one of another instance',
      'user_suffixed',
      [`__session=${cookieToken({ iss: 'https://other.example' })}`, `${SUFFIXED}=${suffixed()}`],
    ],
    [
      'the plain one beside a suffixed one of another instance',
      'user_plain',
      [`__session=${plain()}`, `__session_AAAAAAAA=${suffixed()}`],
    ],
    ['neither, if there is only one of another instance', undefined, [`__session_AAAAAAAA=${suffixed()}`]],
    [
      'neither, if there is only one with a similar name',
      undefined,
      [`__sessions=${plain()}`, `x__session=${plain()}`],
    ],
    ['the header, beside a cookie', 'user_header', [`__session=${plain()}`], { headers: inHeader() }],
    [
      'the header, beside both cookies',
      'user_header',
      [`__session=${plain()}`, `${SUFFIXED}=${suffixed()}`],
      { headers: inHeader() },
    ],
    [
      'the cookie, beside a header with another scheme',
      'user_plain',
      [`__session=${plain()}`],
      { headers: { Authorization: 'Basic YTpi' } },
    ],
    ['the one of two with the same value', 'user_plain', [`__session=${plain()}`, `__session=${plain()}`]],
  ])('%s is used', async (_what, userId, cookies, parts) => {
    const { clerk, ours } = await ask(requestWithCookies(cookies, parts))
    expect([clerk.auth()['userId'], ours['userId']]).toEqual([userId ?? null, userId ?? null])
    const fields = SESSION_FIELDS.filter((name) => name !== 'tokenType')
    expect(fieldsOf(ours, fields)).toEqual(fieldsOf(clerk.auth(), fields))
  })
})

describe('a cookie', () => {
  it.each<[what: string, code: string, token: string, parts?: RequestParts]>([
    ['with an expired token', 'token-expired', cookieToken({ iat: SECOND - 60, nbf: SECOND - 60, exp: SECOND - 30 })],
    ['with a token that is not valid yet', 'token-not-active-yet', cookieToken({ nbf: SECOND + 30 })],
    ['with a token of another party', 'token-invalid-authorized-parties', cookieToken({ azp: 'https://evil.example' })],
    ['with a token without a party', 'token-invalid-authorized-parties', sessionToken()],
    [
      'with a token with an invalid signature',
      'token-invalid-signature',
      `${cookieToken().slice(0, -40)}${'A'.repeat(40)}`,
    ],
    ['with a pending session', 'session-pending', cookieToken({ sts: 'pending' })],
    ['with an M2M token', 'token-type-mismatch', m2mJwt()],
    ['with an opaque M2M token', 'token-type-mismatch', `mt_${'a'.repeat(32)}`],
    ['with an OAuth access token', 'token-type-mismatch', oauthJwt()],
    ['with a token from a JWT template', 'token-type-mismatch', templateToken({ azp: APP })],
    ['with a session of an unknown category', 'token-type-mismatch', cookieToken({}, { cat: 'cl_B7d4PD444AAA' })],
    ['without a value', 'credentials-missing', ''],
    ['with garbage', 'token-malformed', 'nonsense'],
    ['beside a bad token in the header', 'token-malformed', cookieToken(), { headers: inHeader('nonsense') }],
    [
      'beside an expired one in the header',
      'token-expired',
      cookieToken(),
      { headers: inHeader(sessionToken({ iat: 1, nbf: 1, exp: 2 })) },
    ],
    ['beside an M2M token in the header', 'token-type-mismatch', cookieToken(), { headers: inHeader(m2mJwt()) }],
  ])('%s is unauthenticated in both', async (_what, code, token, parts) => {
    const { clerk, ours } = await ask(requestWithCookies([`__session=${token}`], parts))
    expect(clerk.auth()).toMatchObject({ isAuthenticated: false, userId: null })
    expect(ours).toMatchObject({ isAuthenticated: false, error: { code } })
  })

  it.each([
    ['any', 'user_plain'],
    ['m2m_token', null],
    ['api_key', null],
  ] as const)('is read in the same way if %s is accepted', async (acceptsToken, userId) => {
    const { clerk, ours } = await ask(requestWithCookies([`__session=${plain()}`]), acceptsToken)
    const userOf = (auth: object) => ('userId' in auth ? auth.userId : null)
    expect([userOf(clerk.auth()), userOf(ours)]).toEqual([userId, userId])
  })

  it('with the category of sessions is a session in both', async () => {
    const token = cookieToken({ sub: 'user_plain' }, { cat: CATEGORY.session })
    const { clerk, ours } = await ask(requestWithCookies([`__session=${token}`]))
    expect([clerk.auth()['userId'], ours['userId']]).toEqual(['user_plain', 'user_plain'])
  })
})
