import type { Attributes } from '@opentelemetry/api'
import { AUTH_ERRORS, type AuthErrorCode, type TokenType } from '../auth/errors.js'
import type { ClerkAuthEvent, EventListener, MatchedRoute } from '../auth/events.js'
import { meterOf, type MeterOptions } from './meter.js'

// Those of the conventions for HTTP: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
const BUCKETS_IN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'])

/**
 * Measures the events of an instance: `createClerkAuth({ onEvent: otelListener() })`. Attributes have few values and
 * say nothing about users, sessions or tokens.
 */
export function otelListener(options: MeterOptions = {}): EventListener {
  const meter = meterOf(options)
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: BUCKETS_IN_SECONDS } }
  const authentications = meter.createCounter('clerk_auth.authentications', {
    unit: '{authentication}',
    description: 'Credentials that were accepted or refused',
  })
  const authorizations = meter.createCounter('clerk_auth.authorizations', {
    unit: '{authorization}',
    description: 'Requests that guards let pass or refused',
  })
  const introspections = meter.createHistogram('clerk_auth.introspection.duration', {
    ...seconds,
    description: 'Calls to Clerk about opaque tokens',
  })
  const keyFetches = meter.createHistogram('clerk_auth.keys.fetch.duration', {
    ...seconds,
    description: 'Fetches of the key set',
  })
  const events = meter.createCounter('clerk_auth.events', {
    unit: '{event}',
    description: 'Other events',
  })

  return (event) => {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are counted by their type
    switch (event.type) {
      case 'credential-accepted':
        return authentications.add(1, { ...decision(event.tokenType), 'clerk_auth.cached': event.cached })
      case 'credential-refused':
        return authentications.add(1, decision(event.tokenType, event.code))
      case 'requirement-met':
        return authorizations.add(1, { ...decision(event.tokenType), ...routeOf(event) })
      case 'requirement-refused':
        return authorizations.add(1, { ...decision(event.tokenType, event.code), ...routeOf(event) })
      case 'verification-asked': {
        const { tokenType, outcome, tookInMs } = event
        return introspections.record(tookInMs / 1000, decision(tokenType, outcome === 'passed' ? undefined : outcome))
      }
      case 'keys-fetched':
        return keyFetches.record(event.tookInMs / 1000)
      case 'keys-failed':
        return keyFetches.record(event.tookInMs / 1000, { 'error.type': 'keys-unavailable' })
      default:
        return events.add(1, attributesOf(event))
    }
  }
}

function decision(tokenType: TokenType | null, code?: AuthErrorCode): Attributes {
  return { 'clerk_auth.outcome': outcomeOf(code), ...ofToken(tokenType), ...(code && { 'error.type': code }) }
}

/** A 503 says nothing about the credential. */
function outcomeOf(code: AuthErrorCode | undefined): 'accepted' | 'refused' | 'unavailable' {
  if (code === undefined) return 'accepted'
  return AUTH_ERRORS[code][0] === 503 ? 'unavailable' : 'refused'
}

function ofToken(tokenType: TokenType | null): Attributes {
  return tokenType === null ? {} : { 'clerk_auth.token.type': tokenType }
}

function routeOf({ method, route }: MatchedRoute): Attributes {
  return {
    ...(method !== undefined && { 'http.request.method': METHODS.has(method) ? method : '_OTHER' }),
    ...(route !== undefined && { 'http.route': route }),
  }
}

function attributesOf(event: ClerkAuthEvent): Attributes {
  return {
    'clerk_auth.event': event.type,
    ...('tokenType' in event && ofToken(event.tokenType)),
    ...('code' in event && { 'error.type': event.code }),
  }
}
