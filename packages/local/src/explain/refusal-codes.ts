/** Why an API that verifies Clerk's tokens refuses one: its response status, and what to do about it. */
export const REFUSALS = {
  'credentials-malformed': [
    400,
    'Send the word Bearer, one space and one token, without whitespace or line breaks in it.',
  ],
  'credentials-ambiguous': [400, 'Send exactly one token, in one Authorization header.'],

  'token-malformed': [401, 'Copy the whole token again, unchanged: it was truncated, wrapped or re-encoded.'],
  'token-too-large': [401, 'Use fewer custom claims: Clerk’s own tokens stay below 4 KiB.'],
  'token-header-invalid': [401, 'Send the token unchanged: Clerk does not issue such headers.'],
  'token-invalid-algorithm': [401, 'Send a token that Clerk signed: usually with RS256, never with HS256 or "none".'],
  'token-critical-header': [401, 'Send a token without "crit" and "b64" in its header.'],
  'token-type-mismatch': [
    401,
    'Send a token of a kind that the API accepts, or make it accept this kind: acceptsToken, here --accepts.',
  ],
  'jwk-kid-mismatch': [
    401,
    'Compare the instances: token and API must belong to the same one. A local instance creates new keys at each start, so get a new token after a restart.',
  ],
  'jwk-unsuitable': [
    401,
    'Check the published key: its type, "alg" and strength must match the algorithm of the token.',
  ],
  'token-invalid-signature': [
    401,
    'Copy the token again, unchanged, and compare the instances: it was signed with another key, or edited.',
  ],
  'token-claim-invalid': [
    401,
    'Get a token from the instance itself: all its tokens have a valid value for this claim.',
  ],
  'token-expired': [401, 'Get a new token. A session token lives for a minute: clients get one before each call.'],
  'token-not-active-yet': [401, 'Compare the clocks of the issuer and of the API, and wait until the token is active.'],
  'token-iat-in-the-future': [401, 'Compare the clocks of the issuer and of the API.'],
  'token-invalid-issuer': [
    401,
    'Compare the instances: the token comes from another one. With a proxy or a custom domain, set the issuer.',
  ],
  'token-invalid-audience': [401, 'Get a token for this API, or correct the audience that it expects.'],
  'token-invalid-authorized-parties': [
    401,
    'If the application may call this API, add its origin, with scheme and port, to the authorized parties.',
  ],
  'session-pending': [401, 'Finish the tasks of the session, such as choosing an organization, then get a new token.'],
  'token-not-found': [401, 'Compare the instances: this one does not know the token, or it is no longer valid.'],
  'token-revoked': [401, 'Get a new token: this one was revoked.'],
  'token-binding-unsupported': [401, 'Get a token without "cnf": the API does not check proofs of possession.'],
  'machine-out-of-scope': [401, 'Add this machine to the scopes of the calling machine, then get a new token.'],

  'keys-unavailable': [503, 'Check that the URL is right and reachable: the keys are required to verify the token.'],
  'verification-misconfigured': [503, 'Set the machine id of the API: CLERK_MACHINE_ID, here --machine-id.'],
} as const satisfies Readonly<Record<string, readonly [status: 400 | 401 | 503, remedy: string]>>

export type RefusalCode = keyof typeof REFUSALS

/** A rule that a token breaks. */
export interface Finding {
  readonly code: RefusalCode
  /** a sentence; may quote claims, never the token or its signature */
  readonly because: string
}

export function finding(code: RefusalCode, because: string): Finding {
  return { code, because }
}

export function isFinding(value: unknown): value is Finding {
  return typeof value === 'object' && value !== null && 'code' in value && 'because' in value
}
