import { Refusal } from '../../api/errors.js'
import { SamlConnection, domainName } from '../../model/saml-connection.js'
import { boolean, nullish, oneOf, optional, strict, string } from '../../model/schema.js'
import type { World } from '../../state/world.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import { SEVERAL, isIncluded } from '../filter.js'
import { organizationNotFound } from '../organizations/organizations.js'
import { required } from '../required.js'
import { resource } from '../resource.js'

const connection = resource('saml_connections', {
  path: '/v1/saml_connections',
  param: 'saml_connection_id',
  missing: () => new Refusal('resource_not_found', 'SAML Connection not found'),
  answer: (record, { world }) => samlConnectionAnswer(record, world),
})

const { name, domains, provider } = SamlConnection.fields
const TEXT = nullish(string())
const LOGIN_HINT = strict({ mode: oneOf('email_address', 'custom_attribute', 'off'), source: optional(string()) })
const ATTRIBUTE = optional(string())
const ATTRIBUTE_MAPPING = strict({
  user_id: ATTRIBUTE,
  email_address: ATTRIBUTE,
  first_name: ATTRIBUTE,
  last_name: ATTRIBUTE,
})

const SETTINGS = {
  idp_entity_id: TEXT,
  idp_sso_url: TEXT,
  idp_certificate: TEXT,
  idp_metadata_url: TEXT,
  idp_metadata: TEXT,
  organization_id: TEXT,
  attribute_mapping: nullish(ATTRIBUTE_MAPPING),
  force_authn: optional(boolean()),
  login_hint: nullish(LOGIN_HINT),
} as const

/** The names of the attributes until the caller gives others. */
const USUAL_MAPPING = { user_id: 'userid', email_address: 'mail', first_name: 'firstName', last_name: 'lastName' }

/** The specification has the orders of users here. A connection has only the first of these. */
const ORDER = {
  created_at: ({ created_at }: SamlConnection) => created_at,
  phone_number: () => null,
  email_address: () => null,
  first_name: () => null,
  last_name: () => null,
  username: () => null,
} as const

export const samlConnections = [
  connection.list('ListSAMLConnections', {
    query: { organization_id: SEVERAL },
    search: ['name'],
    order: ORDER,
    filter: ({ organization_id }, { query }) =>
      isIncluded(query.organization_id, organization_id === null ? [] : [organization_id]),
    page: 'envelope',
  }),

  connection.create('CreateSAMLConnection', {
    body: strict({ ...SETTINGS, name, provider, domain: optional(domainName()), domains: optional(domains) }),
    run({ world, body }) {
      const { domain, attribute_mapping, ...settings } = body
      const domains = body.domains ?? [required('domains', domain)]
      refuseUnknownOrganization(world, body.organization_id)
      refuseTakenDomain(world, domains)
      return world.saml_connections.add({
        ...withoutNulls(settings),
        name: body.name,
        provider: body.provider,
        domains: lowerCase(domains),
        attribute_mapping: { ...USUAL_MAPPING, ...withoutNulls(attribute_mapping ?? {}) },
      })
    },
  }),

  connection.get('GetSAMLConnection'),

  connection.update('UpdateSAMLConnection', {
    body: strict({
      ...SETTINGS,
      name: nullish(name),
      domain: nullish(domainName()),
      domains: nullish(domains),
      active: FLAG,
      sync_user_attributes: FLAG,
      allow_subdomains: FLAG,
      allow_idp_initiated: FLAG,
      disable_additional_identifications: FLAG,
      allow_organization_account_linking: FLAG,
      // Accepted and ignored: organization domains do not depend on connections here.
      consent_verified_domains_deletion: FLAG,
    }),
    run(record, { world, body }) {
      const {
        domain,
        domains,
        attribute_mapping,
        consent_verified_domains_deletion: _,
        ...settings
      } = withoutNulls(body)
      const changed = domains ?? (domain === undefined ? undefined : [domain])
      refuseUnknownOrganization(world, body.organization_id)
      if (changed) refuseTakenDomain(world, changed, record.id)
      const updated = world.saml_connections.update(record.id, {
        ...settings,
        ...cleared(body),
        ...(changed && { domains: lowerCase(changed) }),
        ...(attribute_mapping && {
          attribute_mapping: { ...record.attribute_mapping, ...withoutNulls(attribute_mapping) },
        }),
      })
      refuseIncomplete(updated)
      return updated
    },
  }),

  connection.remove('DeleteSAMLConnection'),
]

function samlConnectionAnswer({ domains, login_hint, ...connection }: SamlConnection, { url }: World) {
  const { id } = connection
  return {
    object: 'saml_connection',
    ...connection,
    domain: domains[0],
    domains,
    // The certificate is not parsed.
    idp_certificate_issued_at: null,
    idp_certificate_expires_at: null,
    acs_url: `${url()}/v1/saml/acs/${id}`,
    sp_entity_id: `${url()}/saml/${id}`,
    sp_metadata_url: `${url()}/v1/saml/metadata/${id}.xml`,
    // No user signs in with SAML here.
    user_count: 0,
    login_hint,
    authenticatable: connection.active,
    disable_jit_provisioning: false,
    enterprise_connection_id: null,
  }
}

/** The fields that a sign-in through the connection needs; `null` in a body clears them, and leaves others unchanged. */
const PROVIDER_FIELDS = ['idp_entity_id', 'idp_sso_url', 'idp_certificate'] as const
const CLEARABLE = [...PROVIDER_FIELDS, 'idp_metadata_url', 'idp_metadata', 'organization_id'] as const

function cleared(body: { readonly [Field in (typeof CLEARABLE)[number]]?: string | null | undefined }) {
  return Object.fromEntries(CLEARABLE.filter((field) => body[field] === null).map((field) => [field, null]))
}

/** @throws {Refusal} if the connection is active without what a sign-in needs */
function refuseIncomplete(connection: SamlConnection): void {
  const { active, idp_metadata, idp_metadata_url } = connection
  if (!active || idp_metadata !== null || idp_metadata_url !== null) return
  const missing = PROVIDER_FIELDS.filter((field) => connection[field] === null)
  if (missing.length > 0)
    throw new Refusal(
      'saml_connection_cant_be_activated',
      `You have to provide the ${missing.join(', ')} before you are able to activate this connection.`,
    )
}

/** @throws {Refusal} */
function refuseUnknownOrganization({ organizations }: World, id: string | null | undefined): void {
  if (typeof id === 'string' && !organizations.byId(id)) throw organizationNotFound('organization_id')
}

/** @throws {Refusal} if another connection has one of the domains */
function refuseTakenDomain({ saml_connections }: World, domains: readonly string[], ownId?: string): void {
  const taken = saml_connections.all().filter(({ id }) => id !== ownId)
  if (taken.some((other) => lowerCase(domains).some((domain) => other.domains.includes(domain))))
    throw new Refusal('conflict', 'Another SAML Connection has one of these domains.', 'domains')
}

function lowerCase(texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.toLowerCase())
}
