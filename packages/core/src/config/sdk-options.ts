const NO_PAGES = 'an API responds with 401 and never redirects; remove it'
const NO_SATELLITES = 'it applies to pages; tokens from satellite domains are accepted as they are, so remove it'
const NO_CLIENT = 'this package has no Clerk client; create one with createClerkClient()'

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
  proxyUrl: 'set "issuer" to the URL of the proxy, which is the issuer of your tokens',
  frontendApiProxy: 'this package does not proxy the Frontend API; if something else does, set "issuer" to its URL',
  organizationSyncOptions:
    'this package does not switch organizations; check the one in the path with "org" in requireAuth()',
  hookName: 'the hook is onRequest; add the guard to the route hook where it should run',
  onError: 'set "refusals" to "throw" and handle the error in your framework',
  clerkClient: NO_CLIENT,
  apiClient: NO_CLIENT,
  debug: 'use "onEvent"',
  telemetry: 'nothing is sent; remove it',
  sdkMetadata: 'nothing is sent; remove it',
  userAgent: 'nothing is sent; remove it',
  skipJwksCache: 'use "keys": { "freshInMs": 0 }',
  jwksCacheTtlInMs: 'use "keys": { "freshInMs" }',
  headerType: 'the type must be JWT, or at+jwt for OAuth tokens; remove it',
  requireSecretKey: '"acceptsToken" determines which keys are required; remove it',
} as const satisfies Readonly<Record<string, string>>
