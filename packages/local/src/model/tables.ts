import { PaymentAttempt, Plan, Statement, Subscription, SubscriptionItem } from './billing.js'
import { Domain, ProxyCheck } from './domain.js'
import { EmailAddress, ExternalAccount, Passkey, PhoneNumber, Web3Wallet } from './identification.js'
import { AllowlistIdentifier, BlocklistIdentifier } from './identifier-list.js'
import { Image } from './image.js'
import { InstanceSettings } from './instance-settings.js'
import { Invitation } from './invitation.js'
import { JwtTemplate } from './jwt-template.js'
import { Machine } from './machine.js'
import { Membership, Role } from './membership.js'
import { Email, SmsMessage } from './message.js'
import { OAuthApplication } from './oauth-application.js'
import { OAuthGrant, OAuthRefreshToken } from './oauth-grant.js'
import { Organization } from './organization.js'
import { OrganizationDomain } from './organization-domain.js'
import { OrganizationInvitation } from './organization-invitation.js'
import type { AnyRecordType, Stored } from './record.js'
import { SamlConnection } from './saml-connection.js'
import { RedirectUrl } from './redirect-url.js'
import { Permission, RoleSet } from './role-set.js'
import { ActorToken, Client, Session, SignInToken } from './session.js'
import { SignUp } from './sign-up.js'
import { SigningKey } from './signing-key.js'
import { Template } from './template.js'
import { ApiKey, M2MToken, OAuthToken } from './token.js'
import { User } from './user.js'
import { WaitlistEntry } from './waitlist-entry.js'
import { SvixApp, WebhookEndpoint } from './webhook-endpoint.js'

/** Every kind of record that an instance stores, by the name of its table, also in the data file. */
export const TABLES = {
  signing_keys: SigningKey,
  instance_settings: InstanceSettings,
  domains: Domain,
  proxy_checks: ProxyCheck,
  redirect_urls: RedirectUrl,
  users: User,
  email_addresses: EmailAddress,
  phone_numbers: PhoneNumber,
  web3_wallets: Web3Wallet,
  passkeys: Passkey,
  external_accounts: ExternalAccount,
  images: Image,
  organizations: Organization,
  permissions: Permission,
  roles: Role,
  role_sets: RoleSet,
  memberships: Membership,
  organization_invitations: OrganizationInvitation,
  organization_domains: OrganizationDomain,
  clients: Client,
  sessions: Session,
  actor_tokens: ActorToken,
  sign_in_tokens: SignInToken,
  jwt_templates: JwtTemplate,
  machines: Machine,
  oauth_applications: OAuthApplication,
  oauth_grants: OAuthGrant,
  oauth_refresh_tokens: OAuthRefreshToken,
  m2m_tokens: M2MToken,
  oauth_tokens: OAuthToken,
  api_keys: ApiKey,
  invitations: Invitation,
  allowlist_identifiers: AllowlistIdentifier,
  blocklist_identifiers: BlocklistIdentifier,
  waitlist_entries: WaitlistEntry,
  sign_ups: SignUp,
  templates: Template,
  emails: Email,
  sms_messages: SmsMessage,
  plans: Plan,
  subscriptions: Subscription,
  subscription_items: SubscriptionItem,
  statements: Statement,
  payment_attempts: PaymentAttempt,
  saml_connections: SamlConnection,
  svix_apps: SvixApp,
  webhook_endpoints: WebhookEndpoint,
} as const satisfies Readonly<Record<string, AnyRecordType>>

export type TableName = keyof typeof TABLES

/** The record in each table. */
export type Records = { readonly [Name in TableName]: Stored<(typeof TABLES)[Name]> }

/** What a new record in each table needs. */
export type NewRecords = { readonly [Name in TableName]: Parameters<(typeof TABLES)[Name]['create']>[0] }
