import { askClerk, clerkSdk, KEYS } from './both.js'
import { APP, cookieToken, COOKIES, requestWithCookies, SUFFIX, SUFFIXED } from './cookies.js'
import { clerkVerdict, field, option, verdict, type Difference } from './difference.js'
import { serveJson } from './serve-json.js'
import { SECOND } from './tokens.js'

const plain = () => `__session=${cookieToken({ sub: 'user_plain' })}`
const suffixed = () => `${SUFFIXED}=${cookieToken({ sub: 'user_suffixed' })}`
const newer = () => `__session=${cookieToken({ sub: 'user_plain', iat: SECOND + 1 })}`
const other = () => `__session=${cookieToken({ sub: 'user_other' })}`
const uat = (seconds: number) => [`__client_uat=${seconds}`]

export const DIFFERENCES_OF_COOKIES: readonly Difference[] = [
  verdict('A session cookie, with default options', requestWithCookies([plain()])),
  option('`cookies: true` without `authorizedParties`', { cookies: true }),
  verdict('A session cookie on a `POST` without `Origin`', requestWithCookies([plain()], { method: 'POST' }), COOKIES),
  verdict(
    'A session cookie on a `POST` from an `Origin` that is not in `authorizedParties`',
    requestWithCookies([plain()], { method: 'POST', headers: { Origin: 'https://other.example' } }),
    COOKIES,
  ),
  verdict(
    'Two session cookies with the same name and different values',
    requestWithCookies([plain(), other()]),
    COOKIES,
  ),
  field(
    'A plain session cookie that is newer than the suffixed one',
    'userId',
    requestWithCookies([newer(), suffixed()]),
    COOKIES,
  ),
  field(
    'A suffixed session cookie, if `__client_uat` has no suffix',
    'userId',
    requestWithCookies([plain(), suffixed()], { signedIn: uat(SECOND - 60) }),
    COOKIES,
  ),
  field(
    'A plain session cookie without `iss`, with a suffixed one',
    'userId',
    requestWithCookies([`__session=${cookieToken({ iss: undefined })}`, suffixed()]),
    COOKIES,
  ),
  verdict('A session cookie without `__client_uat`', requestWithCookies([plain()], { signedIn: [] }), COOKIES),
  verdict('A session cookie with `__client_uat=0`', requestWithCookies([plain()], { signedIn: uat(0) }), COOKIES),
  verdict(
    'A session cookie older than `__client_uat`',
    requestWithCookies([plain()], { signedIn: uat(SECOND + 1) }),
    COOKIES,
  ),
  verdict('A session cookie of a development instance without `__clerk_db_jwt`', requestWithCookies([plain()]), {
    ...COOKIES,
    clerk: { publishableKey: KEYS.publishableKey.replace('pk_live_', 'pk_test_') },
  }),
  verdict(
    'A page navigation with an expired session cookie',
    requestWithCookies([expired()], { headers: { 'Sec-Fetch-Dest': 'document' } }),
    COOKIES,
  ),
  {
    what: 'An expired session cookie with `__refresh_…`, for which Clerk issues a new session token',
    clerk: async () => {
      const api = await serveJson({ object: 'cookies', cookies: [plain()] })
      const answer = await askClerk(refreshable(), { authorizedParties: [APP] }, clerkSdk({ apiUrl: api.url }))
      api.close()
      return clerkVerdict(answer)
    },
    here: verdict('', refreshable(), COOKIES).here,
  },
  verdict('A session cookie in quotes', requestWithCookies([`__session="${cookieToken()}"`]), COOKIES),
  verdict(
    'A percent-encoded session cookie',
    requestWithCookies([`__session=${cookieToken().replaceAll('.', '%2E')}`]),
    COOKIES,
  ),
  verdict('More than 16 KiB of cookies', requestWithCookies([plain(), `a=${'b'.repeat(16_384)}`]), COOKIES),
]

function refreshable(): Request {
  return requestWithCookies([expired(), `__refresh_${SUFFIX}=refresh`])
}

function expired(): string {
  return `__session=${cookieToken({ azp: APP, iat: SECOND - 60, nbf: SECOND - 60, exp: SECOND - 30 })}`
}
