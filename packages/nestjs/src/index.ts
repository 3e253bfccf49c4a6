// Everything in core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'
export { getAuth, getToken } from './get-auth.js'
export { CLERK_AUTH } from './instance.js'
export { ClerkAuthModule, type ClerkAuthModuleAsyncOptions, type ClerkAuthModuleOptions } from './module.js'
export { Auth, OptionalAuth, Token, type ParameterOf } from './parameters.js'
export { Public } from './public.js'
export { RequireAuth, type AuthOf, type Guard } from './require-auth.js'
