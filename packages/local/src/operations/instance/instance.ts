import { Refusal } from '../../api/errors.js'
import { ENROLLMENT_MODES, InstanceSettings, RESTRICTIONS, type OAUTH_SETTINGS } from '../../model/instance-settings.js'
import { list, nullish, optional, refined, rule, strict, string } from '../../model/schema.js'
import { isEmailAddress } from '../../people/identifiers.js'
import { creatorRoleOf, domainRoleOf } from '../../people/role.js'
import { oauthSettingsOf } from '../../instance/oauth-settings.js'
import type { Instance } from '../../instance/instance.js'
import { changeInstanceSettings, instanceSettingsOf } from '../../people/instance-settings.js'
import type { World } from '../../state/world.js'
import { isLoopback } from '../../support/loopback.js'
import { supportedScopes } from '../../tokens/oauth-scopes.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import { operation } from '../operation.js'
import { MAX_DOMAINS } from '../organizations/organization-domains.js'
import { MAX_PERMISSIONS } from '../organizations/organization-permissions.js'
import { MAX_ROLES, roleNotFound } from '../organizations/organization-roles.js'
import { MAX_ROLE_SETS } from '../organizations/role-sets.js'

const FIELDS = InstanceSettings.fields

const TEXT = nullish(string({ max: 512 }))

const EMAIL_OR_EMPTY = refined(
  string({ max: 254 }),
  rule('form_param_format_invalid', 'must be a valid email address.', (text) => text === '' || isEmailAddress(text)),
)

const ORIGIN = refined(
  string({ max: 512 }),
  rule(
    'form_invalid_origin',
    'must be a valid origin such as my-app://localhost or capacitor://localhost',
    isAppOrigin,
  ),
)

const ENROLLMENT_MODE = refined(
  string(),
  rule('form_param_value_invalid', `must be one of ${ENROLLMENT_MODES.join(', ')}`, (text) =>
    ENROLLMENT_MODES.some((mode) => mode === text),
  ),
)

const ORGANIZATION_FIELDS = {
  enabled: FLAG,
  max_allowed_memberships: nullish(FIELDS.max_allowed_memberships.wrapped),
  admin_delete_enabled: FLAG,
  domains_enabled: FLAG,
  slug_disabled: FLAG,
  domains_enrollment_modes: optional(list(ENROLLMENT_MODE, { max: 10 })),
  creator_role_id: nullish(string()),
  domains_default_role_id: nullish(string()),
} as const

export const instanceSettings = [
  operation('GetInstance', 'GET /v1/instance', {
    run: ({ world, instance }) => ({
      object: 'instance',
      id: instance.id,
      environment_type: 'development',
      allowed_origins: instanceSettingsOf(world).allowed_origins,
      workspace_id: null,
    }),
  }),

  operation('UpdateInstance', 'PATCH /v1/instance', {
    body: strict({
      test_mode: FLAG,
      hibp: FLAG,
      support_email: nullish(EMAIL_OR_EMPTY),
      clerk_js_version: TEXT,
      development_origin: TEXT,
      allowed_origins: optional(list(ORIGIN, { max: 100 })),
      cookieless_dev: FLAG,
      url_based_session_syncing: FLAG,
      preferred_sign_in_strategy_when_password_required: nullish(
        FIELDS.preferred_sign_in_strategy_when_password_required.wrapped,
      ),
    }),
    run: ({ world, body }) => void changeInstanceSettings(world, withoutNulls(body)),
  }),

  operation('UpdateInstanceRestrictions', 'PATCH /v1/instance/restrictions', {
    body: strict({
      allowlist: FLAG,
      blocklist: FLAG,
      allowlist_blocklist_disabled_on_sign_in: FLAG,
      block_email_subaddresses: FLAG,
      block_disposable_email_domains: FLAG,
    } satisfies Record<keyof typeof RESTRICTIONS, unknown>),
    run({ world, body }) {
      const settings = changeInstanceSettings(world, withoutNulls(body))
      const names = Object.keys(RESTRICTIONS) as readonly (keyof typeof RESTRICTIONS)[]
      return { object: 'instance_restrictions', ...Object.fromEntries(names.map((name) => [name, settings[name]])) }
    },
  }),

  operation('GetInstanceOrganizationSettings', 'GET /v1/instance/organization_settings', {
    run: ({ world }) => organizationSettingsAnswer(world),
  }),

  operation('UpdateInstanceOrganizationSettings', 'PATCH /v1/instance/organization_settings', {
    body: strict(ORGANIZATION_FIELDS),
    run({ world, body }) {
      const { enabled, domains_enrollment_modes, ...changes } = withoutNulls(body)
      refuseUnknownRole(world, 'creator_role_id', changes.creator_role_id)
      refuseUnknownRole(world, 'domains_default_role_id', changes.domains_default_role_id)
      changeInstanceSettings(world, {
        ...changes,
        organizations_enabled: enabled,
        domains_enrollment_modes: domains_enrollment_modes && modesOf(domains_enrollment_modes),
      })
      return organizationSettingsAnswer(world)
    },
  }),

  operation('GetInstanceOAuthApplicationSettings', 'GET /v1/instance/oauth_application_settings', {
    run: ({ instance }) => oauthSettingsAnswer(instance),
  }),

  operation('UpdateInstanceOAuthApplicationSettings', 'PATCH /v1/instance/oauth_application_settings', {
    body: strict({
      dynamic_oauth_client_registration: FLAG,
      default_scopes: FIELDS.default_scopes,
      oauth_jwt_access_tokens: FLAG,
      client_id_metadata_documents_advertised: FLAG,
      client_id_metadata_documents_only_allow_pre_registered_clients: FLAG,
      client_id_metadata_documents_block_implicitly_allowed_clients: FLAG,
    } satisfies Record<keyof typeof OAUTH_SETTINGS, unknown>),
    run({ world, body: { default_scopes, ...flags }, instance }) {
      if (default_scopes) refuseUnknownScope(world, default_scopes)
      changeInstanceSettings(world, { ...withoutNulls(flags), default_scopes })
      return oauthSettingsAnswer(instance)
    },
  }),

  operation('UpdateInstanceAuthConfig', 'PATCH /v1/beta_features/instance_settings', {
    body: strict({
      restricted_to_allowlist: FLAG,
      from_email_address: nullish(FIELDS.from_email_address.wrapped),
      progressive_sign_up: FLAG,
      test_mode: FLAG,
    }),
    run({ world, body, instance }) {
      const { restricted_to_allowlist, ...changes } = withoutNulls(body)
      const settings = changeInstanceSettings(world, { ...changes, allowlist: restricted_to_allowlist })
      return {
        object: 'instance_settings',
        id: instance.id,
        restricted_to_allowlist: settings.allowlist,
        from_email_address: settings.from_email_address,
        progressive_sign_up: settings.progressive_sign_up,
        enhanced_email_deliverability: false,
      }
    },
  }),
]

function organizationSettingsAnswer(world: World) {
  const settings = instanceSettingsOf(world)
  return {
    object: 'organization_settings',
    enabled: settings.organizations_enabled,
    max_allowed_memberships: settings.max_allowed_memberships,
    max_allowed_roles: MAX_ROLES,
    max_role_sets_allowed: MAX_ROLE_SETS,
    max_allowed_domains: MAX_DOMAINS,
    max_allowed_permissions: MAX_PERMISSIONS,
    creator_role: creatorRoleOf(world)?.key ?? '',
    admin_delete_enabled: settings.admin_delete_enabled,
    domains_enabled: settings.domains_enabled,
    slug_disabled: settings.slug_disabled,
    domains_enrollment_modes: settings.domains_enrollment_modes,
    domains_default_role: domainRoleOf(world)?.key ?? '',
    initial_role_set_key: world.role_sets.find('type', 'initial')?.key ?? null,
  }
}

function oauthSettingsAnswer(instance: Instance) {
  return { object: 'oauth_application_settings', ...oauthSettingsOf(instance) }
}

/** @throws {Refusal} if the instance does not have one of the scopes */
function refuseUnknownScope(world: World, scopes: readonly string[]): void {
  const known = supportedScopes(world)
  if (scopes.every((scope) => known.includes(scope))) return
  throw new Refusal('form_param_value_invalid', `default_scopes must be some of ${known.join(', ')}`, 'default_scopes')
}

function modesOf(names: readonly string[]): InstanceSettings['domains_enrollment_modes'] {
  return ENROLLMENT_MODES.filter((mode) => names.includes(mode))
}

/** @throws {Refusal} if there is no role with this id */
function refuseUnknownRole({ roles }: World, name: string, id: string | undefined): void {
  if (id !== undefined && !roles.byId(id)) throw roleNotFound(name)
}

/** Origins of websites are not listed: only those of applications such as browser extensions, and of their development. */
function isAppOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return /^https?:$/.test(protocol) ? isLoopback(hostname) : /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i.test(text)
}
