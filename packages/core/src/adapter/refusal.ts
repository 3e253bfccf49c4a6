import type { Accepted } from '../kinds/accepts-token.js'
import { toChallenge, type Challenge } from '../guard/challenge.js'
import type { AuthError } from '../auth/errors.js'
import type { MatchedRoute } from '../auth/events.js'
import { impersonationOf } from '../auth/impersonation.js'
import type { State } from './state.js'

/** How a guard refuses a request. A missing member could come from a polluted `Object.prototype`, so none is optional. */
export interface Refusal {
  /** The reason. */
  readonly error: AuthError
  /** The response to send; `undefined` if the error is for the framework. */
  readonly answer: Answer | undefined
}

export interface Answer extends Pick<Challenge, 'status' | 'headers'> {
  readonly body: object
}

// The headers that the response depends on if cookies are read: RFC 9110 section 12.5.5.
const VARY = { Vary: 'Authorization, Cookie, Origin, Sec-Fetch-Site' } as const

/** What a guard requires, as far as its refusals report it. */
export interface GuardFacts {
  readonly guarded: Accepted
  /** `undefined` if the guard does not accept OAuth tokens. */
  readonly scopes: readonly string[] | undefined
}

export function refusalOf<Request extends object>(
  error: AuthError,
  { clerk, auth, resource }: State,
  { guarded, scopes }: GuardFacts,
  request: Request,
  routeOf: ((request: Request) => MatchedRoute) | undefined,
): Refusal {
  const { settings, emit, isHeard, outages } = clerk
  const { realm, refusals, refusalBody } = settings.options
  const { code, tokenType, message } = error
  const route = routeOf?.(request) ?? {}
  if (isHeard()) {
    const impersonation = impersonationOf(auth)
    emit({ type: 'requirement-refused', code, tokenType, message, ...route, ...(impersonation && { impersonation }) })
  }
  outages.report(error, route)
  outages.warnOfUnverifiable(guarded, route)
  const challenge = toChallenge(error, realm === undefined ? {} : { realm })
  const { status, body } = challenge
  const parameters = scopes && resource?.challengeParameters(error, scopes)
  const challenged = parameters ? withParameters(challenge.headers, parameters) : challenge.headers
  const headers = settings.cookies ? { ...challenged, ...VARY } : challenged
  if (refusals === 'throw') {
    // The application sends its own body, so it sets the type.
    const { 'Content-Type': _, ...own } = headers
    return { error: Object.assign(error, { headers: own }), answer: undefined }
  }
  if (!refusalBody) return { error, answer: { status, headers, body } }
  return {
    error,
    answer: {
      status,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: refusalBody(error, request),
    },
  }
}

function withParameters(headers: Challenge['headers'], parameters: string): Challenge['headers'] {
  return { ...headers, 'WWW-Authenticate': `${headers['WWW-Authenticate']}${parameters}` }
}
