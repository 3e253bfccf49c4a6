import { instanceSettingsOf } from '../people/instance-settings.js'
import type { World } from '../state/world.js'
import { ORGANIZATION_SCOPE } from './oauth-token.js'

/** Clerk's own scopes, with what each allows a client. */
export const CLERK_SCOPES: Readonly<Record<string, string>> = {
  openid: 'Sign you in',
  profile: 'Read your name, username and image',
  email: 'Read your email address',
  public_metadata: 'Read your public and unsafe metadata',
  private_metadata: 'Read your private metadata',
  offline_access: 'Keep this access while you are away',
  [ORGANIZATION_SCOPE]: 'Read which organization you choose',
}

/** The scope that gives refresh tokens. */
export const OFFLINE_SCOPE = 'offline_access'

const CLERK_DEFAULTS: readonly string[] = ['profile', 'email']

/** Whether it is a scope at all: RFC 6749 section 3.3. */
export function isScope(text: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(text)
}

export function scopeList(text: string): readonly string[] {
  return [...new Set(text.split(' ').filter(Boolean))]
}

/** Clerk's scopes, and the custom ones of the instance. */
export function supportedScopes(world: World): readonly string[] {
  const { oauth_scopes = [] } = instanceSettingsOf(world)
  return available([...new Set([...Object.keys(CLERK_SCOPES), ...oauth_scopes])], world)
}

/** The scopes of a client that asks for none. */
export function defaultScopes(world: World): readonly string[] {
  return instanceSettingsOf(world).default_scopes ?? CLERK_DEFAULTS
}

/** Those that do not need organizations, while the instance has none. */
export function available(scopes: readonly string[], world: World): readonly string[] {
  return instanceSettingsOf(world).organizations_enabled
    ? scopes
    : scopes.filter((scope) => scope !== ORGANIZATION_SCOPE)
}
