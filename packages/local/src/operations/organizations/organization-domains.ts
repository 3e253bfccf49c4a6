import { organizationDomainAnswer } from '../../answers/organization-domain.js'
import { Refusal } from '../../api/errors.js'
import type { OrganizationDomain } from '../../model/organization-domain.js'
import { list, nullish, object, oneOf, optional, refined, rule, strict, string } from '../../model/schema.js'
import { isCommonDomain } from '../../people/common-domains.js'
import { isDomain } from '../../people/identifiers.js'
import { instanceSettingsOf } from '../../people/instance-settings.js'
import type { World } from '../../state/world.js'
import { FLAG } from '../fields.js'
import { SEVERAL, isIncluded } from '../filter.js'
import { required } from '../required.js'
import { ofOrganizations } from './organization-feature.js'
import { organizationOf } from './organizations.js'
import { resource } from '../resource.js'

export const MAX_DOMAINS = 10

type EnrollmentMode = OrganizationDomain['enrollment_mode']

const MODES: readonly string[] = [
  'manual_invitation',
  'automatic_invitation',
  'automatic_suggestion',
  'enterprise_sso',
] satisfies readonly EnrollmentMode[]

/** As the specification has it: any text in the schema. */
const MODE = refined(
  string(),
  rule('form_param_value_invalid', `must be one of ${MODES.join(', ')}`, (text) => MODES.includes(text)),
)

/** `-` excludes a mode. */
const MODE_FILTERS = MODES.flatMap((mode) => [mode, `-${mode}`])

const MODE_FILTER = refined(
  string(),
  rule('form_param_value_invalid', `must be one of ${MODE_FILTERS.join(', ')}`, (text) =>
    text.split(',').every((mode) => MODE_FILTERS.includes(mode)),
  ),
)

const VERIFIED = refined(
  string(),
  rule('form_param_value_invalid', 'must be true or false', (text) => text === 'true' || text === 'false'),
)

interface Filters {
  readonly verified?: string | undefined
  readonly enrollment_mode?: readonly string[] | undefined
}

const RULES = {
  param: 'domain_id',
  missing: () => new Refusal('resource_not_found', 'Organization domain not found'),
  answer: (record: OrganizationDomain, { world }: { readonly world: World }) => organizationDomainAnswer(record, world),
} as const

/** The domains of one organization. */
const domain = resource('organization_domains', {
  ...RULES,
  path: '/v1/organizations/{organization_id}/domains',
  find(call) {
    const { id } = organizationOf(call)
    const found = call.world.organization_domains.byId(call.params.domain_id ?? '')
    return found?.organization_id === id ? found : undefined
  },
})

const ofInstance = resource('organization_domains', { ...RULES, path: '/v1/organization_domains' })

export const organizationDomains = ofOrganizations([
  domain.create('CreateOrganizationDomain', {
    body: strict({
      name: optional(
        refined(string(), rule('form_param_format_invalid', 'must be a domain, such as example.com', isDomain)),
      ),
      enrollment_mode: optional(MODE),
      verified: FLAG,
    }),
    run(call) {
      const { world, body } = call
      const name = required('name', body.name).toLowerCase()
      const enrollment_mode = required('enrollment_mode', body.enrollment_mode) as EnrollmentMode
      const { id: organization_id } = organizationOf(call)
      refuseDisabled(world, enrollment_mode)
      if (isCommonDomain(name)) throw new Refusal('organization_domain_common', undefined, 'name')
      const isVerified = body.verified ?? true
      refuseTaken(world, { name, organization_id }, isVerified)
      if (world.organization_domains.where('organization_id', organization_id).length >= MAX_DOMAINS)
        throw new Refusal(
          'organization_domain_quota_exceeded',
          `You have reached your limit of ${MAX_DOMAINS} domains per organization.`,
        )
      return world.organization_domains.add({
        organization_id,
        name,
        enrollment_mode,
        verified_at: isVerified ? world.now() : null,
      })
    },
  }),

  domain.list('ListOrganizationDomains', {
    query: { verified: optional(VERIFIED), enrollment_mode: optional(MODE_FILTER) },
    of: (call) => call.world.organization_domains.where('organization_id', organizationOf(call).id),
    filter: (record, { query: { verified, enrollment_mode } }) =>
      passes(record, { verified, enrollment_mode: enrollment_mode?.split(',') }),
    page: 'envelope',
  }),

  domain.update('UpdateOrganizationDomain', {
    body: object({
      enrollment_mode: nullish(MODE),
      verified: FLAG,
    }),
    run(record, { world, body: { verified, ...body } }) {
      const enrollment_mode = (body.enrollment_mode ?? undefined) as EnrollmentMode | undefined
      refuseDisabled(world, enrollment_mode ?? 'manual_invitation')
      if (verified === true) refuseTaken(world, record, true)
      return world.organization_domains.update(record.id, {
        enrollment_mode,
        verified_at: verified === true ? (record.verified_at ?? world.now()) : verified === false ? null : undefined,
      })
    },
  }),

  domain.remove('DeleteOrganizationDomain'),

  ofInstance.list('ListAllOrganizationDomains', {
    query: {
      verified: optional(oneOf('true', 'false')),
      enrollment_mode: optional(list(oneOf(...MODE_FILTERS), { max: 100 })),
      organization_id: optional(string()),
      query: optional(string({ pattern: /\S/ })),
      domains: SEVERAL,
    },
    order: { created_at: ({ created_at }) => created_at, name: ({ name }) => name },
    filter: (record, { query }) =>
      passes(record, query) &&
      (query.organization_id === undefined || record.organization_id === query.organization_id) &&
      (query.domains?.includes(record.name) ?? true) &&
      isFound(record, query.query),
    page: 'envelope',
  }),
])

function passes({ verified_at, enrollment_mode }: OrganizationDomain, { verified, enrollment_mode: modes }: Filters) {
  return (
    (verified === undefined || (verified === 'true') === (verified_at !== null)) && isIncluded(modes, [enrollment_mode])
  )
}

function isFound({ name, organization_id }: OrganizationDomain, query: string | undefined): boolean {
  if (query === undefined) return true
  return query.startsWith('org_') ? organization_id === query : name.includes(query.toLowerCase())
}

/** @throws {Refusal} if the instance does not allow domains, or this mode */
function refuseDisabled(world: World, mode: EnrollmentMode): void {
  const { domains_enabled, domains_enrollment_modes } = instanceSettingsOf(world)
  if (!domains_enabled) throw new Refusal('organization_domains_not_enabled')
  const enabled: readonly string[] = ['manual_invitation', ...domains_enrollment_modes]
  if (!enabled.includes(mode))
    throw new Refusal(
      'organization_domain_enrollment_mode_not_enabled',
      `Enrollment mode ${mode} is not enabled for this instances's organizations.`,
    )
}

/** Only one organization can have a verified domain, and none the same domain twice. */
function refuseTaken(
  world: World,
  { id, name, organization_id }: Pick<OrganizationDomain, 'name' | 'organization_id'> & { readonly id?: string },
  isVerified: boolean,
): void {
  const others = world.organization_domains.where('name', name).filter((other) => other.id !== id)
  if (others.some((other) => other.organization_id === organization_id || (isVerified && other.verified_at !== null)))
    throw new Refusal('organization_domain_already_exists', undefined, 'name')
}
