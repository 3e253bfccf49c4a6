import { checkInput, rule, type InputRules } from '../support/input.js'

/** Selects behaviour that Clerk does not document, so that clients can be tested with each variant. */
export interface LocalSettings {
  /** response to verifying a revoked or expired opaque token or API key: 404, or 200 with `revoked` or `expired` */
  readonly invalidOpaqueTokens?: '404' | '200'
  /** response to a machine that verifies a token for other machines */
  readonly outOfScope?: '404' | '403'
  /** lifetime of an M2M token minted with `seconds_until_expiration: null`, the default of the official client */
  readonly m2mTokensWithoutTtl?: 'machine-default' | 'never-expire'
  /** unit of the times of a verified OAuth access token */
  readonly oauthTimestamps?: 'ms' | 's'
  /** whether M2M JWTs have `aud` and `scopes` */
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

/** @throws {TypeError} if a setting or its value is unknown */
export function settingsOf(settings: LocalSettings = {}): Required<LocalSettings> {
  checkInput('settings', settings, RULES)
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}

function oneOf(...values: readonly string[]) {
  return rule(values.map((value) => `"${value}"`).join(' or '), (value) => values.some((known) => known === value))
}
