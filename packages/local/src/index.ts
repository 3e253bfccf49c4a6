export type { Algorithm } from './model/signing-key.js'
export type { ApiKeyInput } from './tokens/api-key.js'
export { authorization } from './authorization.js'
export type { Authorization } from './authorization.js'
export type { BadToken, BadTokenCode } from './bad-tokens/bad-token.js'
export type { BadTokensOptions } from './bad-tokens/bad-tokens.js'
export type { BrowserCookies } from './tokens/browser-cookies.js'
export type { LocalClock } from './state/clock.js'
export type { Fault } from './http/fault.js'
export type { LocalEnv } from './instance/env.js'
export type { LocalCalls, LocalClerk } from './local-clerk.js'
export { startLocalClerk } from './start-local-clerk.js'
export type { LocalClerkOptions } from './start-local-clerk.js'
export type { M2MTokenInput } from './tokens/m2m-token.js'
export type { OAuthTokenInput } from './tokens/oauth-token.js'
export { defaultSeed } from './seed/default-seed.js'
export type { DefaultSeed } from './seed/default-seed.js'
export type { Client, Machine, Organization, Person } from './people/directory.js'
export type {
  Seed,
  SeedClient,
  SeedExternalAccount,
  SeedMachine,
  SeedOAuth,
  SeedOrganization,
  SeedPayer,
  SeedPayment,
  SeedPerson,
  SeedPersona,
  SeedPlan,
  SeedRole,
  SeedSignUp,
  SeedStatement,
  SeedSubscription,
} from './seed/seed.js'
export { assertRefused } from './refusal.js'
export type { ClientResponse, ExpectedRefusal } from './refusal.js'
export type { SessionTokenInput } from './tokens/session-token.js'
export type { LocalOutbox, OutboxEmail, OutboxSms } from './outbox/outbox.js'
export type { SignUpInput } from './instance/sign-up.js'
export type { LocalSettings } from './model/settings.js'
export type { TemplateTokenInput } from './tokens/template-token.js'
export type { WebhookDelivery } from './webhooks/webhook-deliveries.js'
export type { WebhookEndpoint, WebhookEndpointInput } from './webhooks/webhook-endpoint.js'
export type { WebhookEventPattern, WebhookEventType } from './model/webhook-event.js'
export type { AddedWebhook, LocalWebhooks } from './webhooks/webhooks.js'
