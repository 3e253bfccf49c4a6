export type { Algorithm } from './algorithms.js'
export type { ApiKeyInput } from './api-key.js'
export type { LocalClock } from './clock.js'
export type { Fault } from './faults.js'
export { startLocalClerk } from './local-clerk.js'
export type { LocalClerk, LocalClerkOptions, LocalEnv } from './local-clerk.js'
export type { M2MTokenInput } from './m2m-token.js'
export type { Machine } from './machines.js'
export type { OAuthTokenInput } from './oauth-token.js'
export { defaultSeed } from './seed.js'
export type {
  Client,
  DefaultSeed,
  Organization,
  Person,
  Seed,
  SeedClient,
  SeedMachine,
  SeedOrganization,
  SeedPerson,
} from './seed.js'
export type { SessionTokenInput } from './session-token.js'
export type { LocalSettings } from './settings.js'
export type { TemplateTokenInput } from './template-token.js'
