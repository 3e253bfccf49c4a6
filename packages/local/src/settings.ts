import { checkInput, rule, type InputRules } from './input.js'

/** What Clerk does not document, so that clients can be tested against each way in which it may behave. */
export interface LocalSettings {
  /** what verifying a revoked or expired opaque token or API key gives: a 404, or a 200 with `revoked` or `expired` */
  readonly invalidOpaqueTokens?: '404' | '200'
  /** what a machine gets that verifies a token which is not for it */
  readonly outOfScope?: '404' | '403'
  /** the life of an M2M token that is minted with `seconds_until_expiration: null`, as the official client does when told nothing */
  readonly m2mTokensWithoutTtl?: 'machine-default' | 'never-expire'
  /** unit of the times that verifying an OAuth access token gives */
  readonly oauthTimestamps?: 'ms' | 's'
  /** whether M2M JWTs tell the machines they are for, by `aud` and `scopes`, or not at all */
  readonly machineJwtScopes?: 'both' | 'omit'
}

const DEFAULTS: Required<LocalSettings> = {
  invalidOpaqueTokens: '404',
  outOfScope: '404',
  m2mTokensWithoutTtl: 'machine-default',
  oauthTimestamps: 'ms',
  machineJwtScopes: 'both',
}

const RULES: InputRules<LocalSettings> = {
  invalidOpaqueTokens: oneOf('404', '200'),
  outOfScope: oneOf('404', '403'),
  m2mTokensWithoutTtl: oneOf('machine-default', 'never-expire'),
  oauthTimestamps: oneOf('ms', 's'),
  machineJwtScopes: oneOf('both', 'omit'),
}

/** @throws {TypeError} when a setting is unknown or has another value */
export function settingsOf(settings: LocalSettings = {}): Required<LocalSettings> {
  checkInput('settings', settings, RULES)
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}

function oneOf(...values: readonly string[]) {
  return rule(values.map((value) => `"${value}"`).join(' or '), (value) => values.some((known) => known === value))
}
