/** Why an API that verifies Clerk's tokens refuses one: the status it answers with, and what to do about it. */
export const REFUSALS = {
  'credentials-malformed': [
    400,
    'Send the word Bearer, one space and one token, without white space or line breaks in it.',
  ],
  'credentials-ambiguous': [400, 'Send exactly one token, in one Authorization header.'],

  'token-malformed': [401, 'Copy the whole token again, unchanged: something cut, wrapped or re-encoded it.'],
  'token-too-large': [401, 'Put fewer custom claims into the token: Clerk’s own stay below 4 KiB.'],
  'token-header-invalid': [401, 'Send a token as its issuer made it: no issuer of Clerk’s writes such a header.'],
  'token-invalid-algorithm': [401, 'Send a token that Clerk signed: RS256 as a rule, never HS256 and never "none".'],
  'token-critical-header': [401, 'Send a token without "crit" and "b64" in its header.'],
  'token-type-mismatch': [
    401,
    'Send a token of a kind that the API accepts, or let it accept this kind: acceptsToken, here --accepts.',
  ],
  'jwk-kid-mismatch': [
    401,
    'Compare the instances: token and API must belong to the same one. A local instance makes new keys at each start, so get a new token after a restart.',
  ],
  'jwk-unsuitable': [
    401,
    'Look at the published key: its type, its "alg" and its strength must fit the algorithm of the token.',
  ],
  'token-invalid-signature': [
    401,
    'Copy the token again, unchanged, and compare the instances: another key signed it, or somebody edited it.',
  ],
  'token-claim-invalid': [401, 'Get a token from the instance itself: every one that it issues has this claim.'],
  'token-expired': [
    401,
    'Get a new token. A session token lives for a minute: a client asks for one before each call.',
  ],
  'token-not-active-yet': [401, 'Compare the clocks of the issuer and of the API, and wait until the token is active.'],
  'token-iat-in-the-future': [401, 'Compare the clocks of the issuer and of the API.'],
  'token-invalid-issuer': [
    401,
    'Compare the instances: the token comes from another one. With a proxy or a domain of your own, set the issuer.',
  ],
  'token-invalid-audience': [401, 'Get a token for this API, or correct the audience that it expects.'],
  'token-invalid-authorized-parties': [
    401,
    'Name the origin of the application among the authorized parties, with scheme and port, if it may call this API.',
  ],
  'session-pending': [401, 'Finish the tasks of the session, such as choosing an organization, then get a new token.'],
  'token-not-found': [401, 'Compare the instances: this one does not know the token, or it no longer stands.'],
  'token-revoked': [401, 'Get a new token: this one was revoked.'],
  'token-binding-unsupported': [401, 'Get a token without "cnf": the API does not check proofs of possession.'],
  'machine-out-of-scope': [401, 'Let the calling machine call this one (its scopes), then get a new token.'],

  'keys-unavailable': [503, 'See whether the address is right and answers: without its keys nobody can tell.'],
  'verification-misconfigured': [503, 'Tell the API which machine it is: CLERK_MACHINE_ID, here --machine-id.'],
} as const satisfies Readonly<Record<string, readonly [status: 400 | 401 | 503, remedy: string]>>

export type RefusalCode = keyof typeof REFUSALS

/** A rule that a token does not meet. */
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
