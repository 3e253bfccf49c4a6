const NO_PAGES = 'an API answers 401 and never redirects; leave it out'
const NO_SATELLITES = 'that is about pages; tokens of a satellite pass as they are, so leave it out'
const NO_CLIENT = 'no client of Clerk is used here; make your own with createClerkClient()'

/** Options of Clerk's SDKs that do not exist here, and what to do instead. */
export const SDK_OPTIONS = {
  enableHandshake: NO_PAGES,
  __internal_enableHandshake: NO_PAGES,
  signInUrl: NO_PAGES,
  signUpUrl: NO_PAGES,
  afterSignInUrl: NO_PAGES,
  afterSignUpUrl: NO_PAGES,
  isSatellite: NO_SATELLITES,
  satelliteAutoSync: NO_SATELLITES,
  domain: NO_SATELLITES,
  proxyUrl: 'give the URL of the proxy as "issuer": tokens name it there',
  frontendApiProxy: 'the Frontend API is not proxied here; where something else does, give its URL as "issuer"',
  organizationSyncOptions: 'no organization is switched here; compare the one of the path with "org" in requireAuth()',
  hookName: 'the hook is onRequest; give the guard of a route where it shall run',
  onError: 'set "refusals" to "throw", and handle the error in your framework',
  clerkClient: NO_CLIENT,
  apiClient: NO_CLIENT,
  debug: 'use "onEvent"',
  telemetry: 'none is sent; leave it out',
  sdkMetadata: 'none is sent; leave it out',
  userAgent: 'none is sent; leave it out',
  skipJwksCache: 'use "keys": { "freshInMs": 0 }',
  jwksCacheTtlInMs: 'use "keys": { "freshInMs" }',
  headerType: 'the type must be JWT, or at+jwt for an OAuth token; leave it out',
  requireSecretKey: 'which keys are needed follows from "acceptsToken"; leave it out',
} as const satisfies Readonly<Record<string, string>>
