import type { AuthError, AuthErrorCode, TokenType } from './auth/errors.js'
import type { ClerkAuthEvent, MatchedRoute } from './auth/events.js'
import { missingVariable, type Settings } from './config/settings.js'
import { warn } from './support/warning.js'

/**
 * Warns the operator why requests get 503: once per code and kind of token, and again only if it recurs after a
 * recovery. Local limits and unknown key ids cause no warning, because callers can provoke them.
 */
export interface Outages {
  /** Tracks the events of the keys and the remote verifiers. */
  readonly observe: (event: ClerkAuthEvent) => void
  /** Warns about an error caused by an outage or a misconfiguration. */
  readonly report: (error: AuthError, route?: MatchedRoute) => void
  /** Warns if tokens of one of these kinds can never be verified. */
  readonly warnOfUnverifiable: (kinds: Iterable<TokenType>, route: MatchedRoute) => void
}

export function outagesOf(settings: Settings): Outages {
  /** Current failures, and whether a warning was given. By code and, if Clerk was asked about a token, by kind. */
  const failing = new Map<string, { readonly reason: string; readonly warned: Set<TokenType | null> }>()
  const warnedOfMissing = new Set<string>()

  function failed(outage: string, reason: string): void {
    failing.set(outage, { reason, warned: failing.get(outage)?.warned ?? new Set() })
  }

  function observe(event: ClerkAuthEvent): void {
    if (event.type === 'keys-failed') failed('keys-unavailable', event.reason)
    if (event.type === 'keys-fetched' || event.type === 'keys-shared') failing.delete('keys-unavailable')
    if (event.type !== 'verification-asked') return
    const { tokenType, outcome } = event
    if (outcome === 'verification-unavailable' || outcome === 'verification-misconfigured')
      failed(`${outcome} ${tokenType}`, '')
    else if (outcome !== 'verification-rate-limited')
      for (const code of ['verification-unavailable', 'verification-misconfigured'] satisfies AuthErrorCode[])
        failing.delete(`${code} ${tokenType}`)
  }

  function report(error: AuthError, route: MatchedRoute = {}): void {
    const { code, tokenType, message } = error
    if (error.status !== 503) return
    if (code === 'verification-misconfigured' && tokenType && warnOfUnverifiable([tokenType], route)) return
    const outage = failing.get(code === 'keys-unavailable' ? code : `${code} ${tokenType}`)
    if (!outage) {
      // Tokens of this kind can be verified, but not in this form.
      if (code === 'verification-misconfigured') warnOfMissing(message, route)
      return
    }
    if (outage.warned.has(tokenType)) return
    outage.warned.add(tokenType)
    const why =
      code === 'keys-unavailable'
        ? `${keyOriginOf(settings, tokenType)} (${outage.reason})`
        : `${apiOf(settings, tokenType)} (${message})`
    warn(code === 'verification-misconfigured' ? MISCONFIGURED : UNAVAILABLE, `${code}: ${why}${neededBy(route)}`)
  }

  function warnOfUnverifiable(kinds: Iterable<TokenType>, route: MatchedRoute): boolean {
    let isMissing = false
    for (const kind of kinds) {
      const variable = missingVariable(settings, kind)
      if (variable === undefined) continue
      isMissing = true
      warnOfMissing(`no key or secret to verify ${kind}: set ${variable}`, route)
    }
    return isMissing
  }

  function warnOfMissing(message: string, route: MatchedRoute): void {
    if (warnedOfMissing.has(message)) return
    warnedOfMissing.add(message)
    warn(MISCONFIGURED, `${message}${neededBy(route)}`)
  }

  return { observe, report, warnOfUnverifiable: (kinds, route) => void warnOfUnverifiable(kinds, route) }
}

const MISCONFIGURED = 'CLERK_AUTH_MISCONFIGURED'
const UNAVAILABLE = 'CLERK_AUTH_UNAVAILABLE'

function neededBy({ method, route }: MatchedRoute): string {
  return route === undefined ? '' : `; needed by ${method === undefined ? '' : `${method} `}${route}`
}

function keyOriginOf({ keyOrigin, options }: Settings, tokenType: TokenType | null): string {
  if (keyOrigin.from !== 'url') return tokenType ? `no key for ${tokenType}` : 'no key'
  const isBackend = 'Authorization' in keyOrigin.headers
  const frontend = options.frontendApiUrl === undefined ? 'CLERK_PUBLISHABLE_KEY' : 'CLERK_FAPI'
  const variables = isBackend ? 'CLERK_SECRET_KEY and CLERK_API_URL' : frontend
  return `${new URL(keyOrigin.url).origin}, which ${variables} ${isBackend ? 'name' : 'names'}, returned no keys${tokenType ? ` for ${tokenType}` : ''}`
}

function apiOf({ apiUrl, options }: Settings, tokenType: TokenType | null): string {
  const isOfMachine = tokenType === 'm2m_token' && options.machineSecretKey !== undefined
  const secret = isOfMachine ? 'CLERK_MACHINE_SECRET_KEY' : 'CLERK_SECRET_KEY'
  return `${new URL(apiUrl).origin}, which CLERK_API_URL names, did not verify ${tokenType} with ${secret}`
}
