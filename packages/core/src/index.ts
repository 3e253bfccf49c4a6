export { createClerkAuth } from './clerk-auth.js'
export type { ClerkAuth, ClerkAuthStats, Forgotten, TokenOptions } from './clerk-auth.js'
export type { ClerkAuthOptions } from './options.js'
export type { Environment } from './environment.js'
export type { AcceptsToken } from './kinds/accepts-token.js'
export type { AuthSource } from './auth-source.js'
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
} from './auth.js'
export { createMachineClient } from './machine-client.js'
export type { MachineClient, MachineClientOptions } from './machine-client.js'
export { checkRequirement } from './requirement.js'
export type { Requirement, Requirements } from './requirement.js'
export { toChallenge, toResponse } from './challenge.js'
export type { Challenge, ChallengeOptions, Problem } from './challenge.js'
export { AuthError } from './errors.js'
export type { AuthErrorCode, Reverification, TokenType } from './errors.js'
export type { ClerkAuthEvent } from './events.js'
export type { Permission, Register, Role } from './register.js'
