/** The fields of a session that both return, under the same names. */
export const SESSION_FIELDS = [
  'isAuthenticated',
  'tokenType',
  'userId',
  'sessionId',
  'sessionStatus',
  'sessionClaims',
  'orgId',
  'orgRole',
  'orgSlug',
  'orgPermissions',
  'actor',
  'factorVerificationAge',
]

/** The fields of a machine token that both return, by kind. */
export const MACHINE_FIELDS = {
  m2m_token: ['isAuthenticated', 'tokenType', 'id', 'subject', 'scopes', 'claims', 'machineId'],
  oauth_token: ['isAuthenticated', 'tokenType', 'id', 'subject', 'scopes', 'userId', 'clientId'],
  api_key: ['isAuthenticated', 'tokenType', 'id', 'subject', 'scopes', 'claims', 'name', 'userId', 'orgId'],
}

/** Some fields of an auth object, including those that are `undefined`. */
export function fieldsOf(auth: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, (auth as Record<string, unknown>)[name]]))
}
