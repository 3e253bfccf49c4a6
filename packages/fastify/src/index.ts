// Everything in core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'
export { getAuth, getToken } from './get-auth.js'
export { requireAuth, type Guard } from './guard.js'
export { isPublic } from './is-public.js'
export { clerkAuth, type ClerkAuthPluginOptions } from './plugin.js'
