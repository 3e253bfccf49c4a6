export { createClerkAuth } from './clerk-auth.js'
export type { ClerkAuth, ClerkAuthStats, TokenOptions } from './clerk-auth.js'
export type { Forgotten, Revoked } from './fleet/revoked.js'
export type { SharedMemory, SharedStats } from './fleet/sharing.js'
export type { ClerkAuthOptions } from './config/options.js'
export type { Environment } from './config/environment.js'
export type { AcceptsToken } from './kinds/accepts-token.js'
export type { AuthSource } from './request/auth-source.js'
export type {
  Actor,
  AnyAuth,
  ApiKeyAuth,
  Auth,
  AuthenticatedAuth,
  M2mAuth,
  OAuthAuth,
  SessionAuth,
  SessionClaims,
  TemplateAuth,
  Unauthenticated,
} from './auth/auth.js'
export { createMachineClient } from './machine-client/machine-client.js'
export type { MachineClient, MachineClientOptions } from './machine-client/machine-client.js'
export { checkRequirement } from './guard/requirement-check.js'
export type { Requirement, Requirements } from './guard/requirement.js'
export { describeGuard } from './guard/description.js'
export type { Description, GuardDescription, PublicDescription, RequirementDescription } from './guard/description.js'
export { toChallenge, toResponse } from './guard/challenge.js'
export type { Challenge, ChallengeOptions, Problem } from './guard/challenge.js'
export { AuthError } from './auth/errors.js'
export type { AuthErrorCode, TokenType } from './auth/errors.js'
export type { Reverification } from './auth/reverification.js'
export type { ClerkAuthEvent, EventListener } from './auth/events.js'
export type { Permission, Register, Role } from './auth/register.js'
