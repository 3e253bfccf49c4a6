/**
 * The shared part of all adapters: it stores the caller with the request and provides the guard that reads it. An
 * adapter adds only the integration with its framework.
 *
 * For authors of adapters, in this project or elsewhere. Applications import their adapter.
 */
export type { Environment } from '../config/environment.js'
export { andThen, settle } from '../support/maybe-promise.js'
export type { MaybePromise } from '../support/maybe-promise.js'
export type { MatchedRoute } from '../auth/events.js'
export { checkOptions } from '../config/options.js'
export { acceptedTypes } from '../guard/requirement.js'
export type { AuthOfAcceptsToken, AuthOfRequirement, AuthOfRequirements } from '../guard/auth-of-requirement.js'
export { boundTo, middleware } from './bound-to.js'
export type { BoundTo, Middleware } from './bound-to.js'
export { described, describeGuard, DESCRIPTION, guardDescription, PUBLIC } from '../guard/description.js'
export type { Described, Description } from '../guard/description.js'
export { checkCalled, checkFramework, checkGiven, checkRequest } from './check-called.js'
export { authOf, tokenOf } from './get-auth.js'
export type { GetAuthOptions } from './get-auth.js'
export { guard } from './guard.js'
export type { GuardCheck, GuardParts } from './guard.js'
export { identify, instanceOf, isInstance, refreshKeys } from './identify.js'
export type { Refusal } from './refusal.js'
export type { ResourceOfRequest } from './resource.js'
export { passedBy, STATE } from './state.js'
