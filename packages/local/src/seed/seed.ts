import type { ApiKeyInput } from '../tokens/api-key.js'
import type { M2MTokenInput } from '../tokens/m2m-token.js'
import type { OAuthTokenInput } from '../tokens/oauth-token.js'
import type { SessionTokenInput } from '../tokens/session-token.js'
import type { TemplateTokenInput } from '../tokens/template-token.js'

/** The initial users, organizations, machines and clients of an instance, by the names that tests use. */
export interface Seed {
  /** by slug */
  readonly organizations: Readonly<Record<string, SeedOrganization>>
  /** permissions by role, such as `'org:admin': ['org:invoices:create']`; default: the roles of `defaultSeed` */
  readonly roles?: Readonly<Record<string, readonly string[] | SeedRole>>
  /** by the name for `sessionToken({ user })` */
  readonly people: Readonly<Record<string, SeedPerson>>
  /** by the name for `m2mToken({ from, to })`; default: the machines of `defaultSeed` */
  readonly machines?: Readonly<Record<string, SeedMachine>>
  /** OAuth applications, by the name for `oauthToken({ client })`; default: the clients of `defaultSeed` */
  readonly clients?: Readonly<Record<string, SeedClient>>
  readonly oauth?: SeedOAuth
  /** by slug; default: the plans of `defaultSeed`. Without plans for users or organizations, they have no subscriptions. */
  readonly plans?: Readonly<Record<string, SeedPlan>>
  /** to plans that are not free; all others have the free plan */
  readonly subscriptions?: readonly SeedSubscription[]
  readonly statements?: readonly SeedStatement[]
  /** sign-ups that have begun, and are open for a day */
  readonly signUps?: readonly SeedSignUp[]
  /** more callers for the check of an application's routes, by name */
  readonly personas?: Readonly<Record<string, SeedPersona>>
}

/** A caller with a token of one kind, as the function of the same name of a local instance mints it. */
export interface SeedPersona {
  /** such as `{ user: 'alice', actor: 'dave' }` */
  readonly sessionToken?: SessionTokenInput
  readonly m2mToken?: M2MTokenInput
  /** such as `{ user: 'bob', client: 'partner', scopes: ['invoices:read'] }` */
  readonly oauthToken?: OAuthTokenInput
  /** such as `{ subject: 'acme', scopes: ['invoices:read'] }` */
  readonly apiKey?: ApiKeyInput
  readonly templateToken?: TemplateTokenInput
}

/** A sign-up with an email address, a phone number or both. */
export interface SeedSignUp {
  readonly emailAddress?: string
  /** such as `+12025550100` */
  readonly phoneNumber?: string
}

/** Who pays: a user by name, or an organization by slug. */
export type SeedPayer =
  | { readonly user: string; readonly organization?: undefined }
  | { readonly organization: string; readonly user?: undefined }

/** A plan. Amounts are in cents of US dollars. */
export interface SeedPlan {
  readonly name: string
  /** who can subscribe to it */
  readonly payer: 'user' | 'org'
  readonly description?: string
  /** per month; default 0: the first free plan of its kind is that of everyone without a subscription */
  readonly amount?: number
  /** per month if paid by the year; default: it cannot be paid by the year */
  readonly annualMonthlyAmount?: number
  /** such as `invoices`, for tokens */
  readonly features?: readonly string[]
  /** default: no free trial */
  readonly freeTrialDays?: number
}

/** A subscription that is renewed after each period, and paid for. */
export type SeedSubscription = SeedPayer & {
  /** slug of a plan */
  readonly plan: string
  /** default `month` */
  readonly period?: 'month' | 'annual'
  /** Whether it starts with the plan's free trial; default `false`. */
  readonly trial?: boolean
  /** how long ago it started, default 0 */
  readonly daysSinceStart?: number
  /** Whether the payment after the first period or the trial fails; default `false`. */
  readonly paymentsFail?: boolean
}

/** A statement with the payments of a user or an organization that has a subscription in the seed. */
export type SeedStatement = SeedPayer & {
  /** default `closed` */
  readonly status?: 'open' | 'closed'
  /** default 0 */
  readonly daysAgo?: number
  readonly payments: readonly SeedPayment[]
}

export interface SeedPayment {
  /** default `paid` */
  readonly status?: 'pending' | 'paid' | 'failed'
  /** in cents; default: the price of the plan */
  readonly amount?: number
}

export interface SeedRole {
  /** default: from the key, such as `Billing manager` for `org:billing_manager` */
  readonly name?: string
  readonly description?: string
  /** such as `org:invoices:create`; default: none */
  readonly permissions?: readonly string[]
}

export interface SeedOrganization {
  readonly name: string
  /**
   * features in tokens, such as `invoices`, unless the organization has a subscription: then those of its plan. Features
   * that occur in members' permissions need not be listed.
   */
  readonly features?: readonly string[]
  /** plan in tokens, unless the organization has a subscription; default `pro` */
  readonly plan?: string
}

export interface SeedPerson {
  readonly firstName: string
  readonly email: string
  /** role by organization slug; default: none */
  readonly memberships?: Readonly<Record<string, string>>
  /** slug of the organization that is active in tokens by default; default: none */
  readonly defaultOrganization?: string
  /** names of passkeys, such as `Laptop` */
  readonly passkeys?: readonly string[]
  readonly externalAccounts?: readonly SeedExternalAccount[]
  /** addresses of Ethereum or Solana wallets; the first is the primary one */
  readonly wallets?: readonly string[]
  /** of an authenticator app, in base32 */
  readonly totpSecret?: string
  /** plain codes, or their bcrypt digests */
  readonly backupCodes?: readonly string[]
}

/** An account of another provider that a person signs in with. */
export interface SeedExternalAccount {
  /** such as `oauth_google` */
  readonly provider: string
  /** id of the person at the provider, default: one that depends on the name of the person */
  readonly providerUserId?: string
  /** default: the email address of the person */
  readonly emailAddress?: string
  /** scopes of the token */
  readonly scopes?: readonly string[]
  /** of the provider; default: none, so that the person must sign in again */
  readonly token?: string
  /** milliseconds since the epoch; default: never */
  readonly tokenExpiresAt?: number
}

export interface SeedMachine {
  /** names of the machines that it may call; default: none */
  readonly scopes?: readonly string[]
  /** lifetime of its tokens in seconds, default 3600 */
  readonly defaultTokenTtl?: number
}

export interface SeedClient {
  readonly name: string
  /** where users return to, compared exactly, except for the port on loopback of a public client; default: none */
  readonly redirectUris?: readonly string[]
  /** that it may request; default `profile` and `email`, as in Clerk */
  readonly scopes?: readonly string[]
  /** default: it is a public client, which has no secret and must use PKCE */
  readonly secret?: string
  /** default: as the settings of the instance say, at first `jwt` */
  readonly accessTokens?: 'jwt' | 'opaque'
  /** the `https` URL of its metadata document, which is not read: the seed is in its place; default: a `client_…` id */
  readonly clientId?: string
}

/** The settings for OAuth, which Clerk has in its dashboard. */
export interface SeedOAuth {
  /** scopes of your API that clients may have, besides Clerk's; default: none */
  readonly scopes?: readonly string[]
  /** of clients that ask for none, and of those that register without any; default `profile` and `email` */
  readonly defaultScopes?: readonly string[]
  /** whether clients may register themselves; default `false` */
  readonly dynamicRegistration?: boolean
  /** of clients without a format of their own; default `jwt` */
  readonly accessTokens?: 'jwt' | 'opaque'
}
