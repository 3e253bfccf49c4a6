export type { Algorithm } from './algorithms.js'
export type { ApiKeyInput } from './api-key.js'
export { authorization } from './authorization.js'
export type { Authorization } from './authorization.js'
export type { BadToken, BadTokenCode } from './bad-token.js'
export type { BadTokensOptions } from './bad-tokens.js'
export type { BrowserCookies } from './browser-cookies.js'
export type { LocalClock } from './clock.js'
export type { Fault } from './faults.js'
export type { LocalClerk, LocalEnv } from './local-clerk.js'
export { startLocalClerk } from './start-local-clerk.js'
export type { LocalClerkOptions } from './start-local-clerk.js'
export type { M2MTokenInput } from './m2m-token.js'
export type { Machine } from './machines.js'
export type { OAuthTokenInput } from './oauth-token.js'
export { defaultSeed } from './default-seed.js'
export type { DefaultSeed } from './default-seed.js'
export type {
  Client,
  Organization,
  Person,
  Seed,
  SeedClient,
  SeedMachine,
  SeedOrganization,
  SeedPerson,
} from './seed.js'
export { assertRefused } from './refusal.js'
export type { ClientResponse, ExpectedRefusal } from './refusal.js'
export type { SessionTokenInput } from './session-token.js'
export type { LocalSettings } from './settings.js'
export type { TemplateTokenInput } from './template-token.js'
export type { WebhookDelivery } from './webhook-deliveries.js'
export type { WebhookEndpoint, WebhookEndpointInput } from './webhook-endpoint.js'
export type { WebhookEventPattern, WebhookEventType } from './webhook-event.js'
export type { AddedWebhook, LocalWebhooks } from './webhooks.js'
