import { record, type Stored } from './record.js'
import { boolean, integer, list, nullable, oneOf, optional, orNull, string, withDefault } from './schema.js'

const FLAG = withDefault(boolean(), false)
const ON = withDefault(boolean(), true)
const TEXT = orNull(string({ max: 512 }))

/** How users of a domain can join its organization. */
export const ENROLLMENT_MODES = ['manual_invitation', 'automatic_invitation', 'automatic_suggestion'] as const

/** Who may sign up. */
export const RESTRICTIONS = {
  allowlist: FLAG,
  // Entries of the blocklist have an effect at once, unlike those of the allowlist, which would exclude all others.
  blocklist: ON,
  allowlist_blocklist_disabled_on_sign_in: FLAG,
  block_email_subaddresses: FLAG,
  block_disposable_email_domains: FLAG,
} as const

/** What clients of OAuth may do. Without a setting, the default applies. */
export const OAUTH_SETTINGS = {
  dynamic_oauth_client_registration: optional(boolean()),
  /** of a request without `scope`; `null`: Clerk's */
  default_scopes: optional(nullable(list(string({ max: 256 }), { max: 100 }))),
  oauth_jwt_access_tokens: optional(boolean()),
  client_id_metadata_documents_advertised: optional(boolean()),
  client_id_metadata_documents_only_allow_pre_registered_clients: optional(boolean()),
  client_id_metadata_documents_block_implicitly_allowed_clients: optional(boolean()),
} as const

/** What an application sets for the whole instance. There is one record. */
export const InstanceSettings = record('instance_settings', 'ins', {
  test_mode: ON,
  hibp: FLAG,
  support_email: TEXT,
  clerk_js_version: TEXT,
  development_origin: TEXT,
  allowed_origins: orNull(list(string({ max: 512 }), { max: 100 })),
  cookieless_dev: FLAG,
  url_based_session_syncing: ON,
  /** an empty string: not set */
  preferred_sign_in_strategy_when_password_required: withDefault(oneOf('password', 'otp', ''), ''),
  /** the part before the `@` of the sender of emails */
  from_email_address: withDefault(string({ max: 64, pattern: /^[A-Za-z0-9]+$/ }), 'noreply'),
  progressive_sign_up: ON,

  ...RESTRICTIONS,

  organizations_enabled: ON,
  /** of new organizations; 0: unlimited */
  max_allowed_memberships: withDefault(integer({ min: 0 }), 0),
  /** of new organizations */
  admin_delete_enabled: ON,
  slug_disabled: FLAG,
  domains_enabled: ON,
  domains_enrollment_modes: withDefault(list(oneOf(...ENROLLMENT_MODES), { max: 10 }), ENROLLMENT_MODES),
  /** `null`: `org:admin`, or the first role */
  creator_role_id: orNull(string()),
  /** `null`: `org:member`, or the last role */
  domains_default_role_id: orNull(string()),

  ...OAUTH_SETTINGS,
  /** custom scopes, besides Clerk's own */
  oauth_scopes: optional(list(string())),
})

export type InstanceSettings = Stored<typeof InstanceSettings>
