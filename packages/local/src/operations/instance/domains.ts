import { Refusal, unknownReference } from '../../api/errors.js'
import type { Domain, ProxyCheck } from '../../model/domain.js'
import { boolean, nullish, object, optional, refined, rule, strict, string } from '../../model/schema.js'
import { isDomain } from '../../people/identifiers.js'
import { instanceSettingsOf } from '../../people/instance-settings.js'
import type { World } from '../../state/world.js'
import { FLAG } from '../fields.js'
import { required } from '../required.js'
import { operation, type Call } from '../operation.js'
import { reachesInstance } from './proxy.js'
import { resource } from '../resource.js'

const NAME = refined(
  string({ max: 260 }),
  rule('form_param_format_invalid', 'must be a host and optionally a port, such as localhost:3000', isHost),
)

const URL_WITH_HOST = refined(
  string({ max: 2048 }),
  rule('form_param_format_invalid', 'must be a URL that starts with https:// or http://', isHttpUrl),
)

const domain = resource('domains', {
  path: '/v1/domains',
  param: 'domain_id',
  missing: (id) => new Refusal('resource_not_found', `No domain was found with id ${id}`),
  answer: (record, { world }) => domainAnswer(record, world),
})

const CHANGE = strict({ home_url: optional(URL_WITH_HOST), is_secondary: optional(boolean()) })

export const domains = [
  operation('ListDomains', 'GET /v1/domains', {
    run({ world }) {
      const all = world.domains.all()
      return { data: all.map((record) => domainAnswer(record, world)), total_count: all.length }
    },
  }),

  domain.create('AddDomain', {
    body: object({ name: NAME, is_satellite: boolean(), proxy_url: nullish(URL_WITH_HOST) }),
    run({ world, body: { name, is_satellite, proxy_url } }) {
      if (!is_satellite) throw new Refusal('primary_domain_already_exists', undefined, 'is_satellite')
      refuseTakenName(world, name.toLowerCase())
      return world.domains.add({ name: name.toLowerCase(), proxy_url: proxy_url ?? null })
    },
  }),

  domain.remove('DeleteDomain', ({ id, is_satellite }, { world }) => {
    if (!is_satellite) throw new Refusal('operation_not_allowed_on_primary_domain')
    for (const check of world.proxy_checks.where('domain_id', id)) world.proxy_checks.remove(check.id)
    world.domains.remove(id)
  }),

  domain.update('UpdateDomain', {
    body: strict({
      name: nullish(NAME),
      proxy_url: nullish(URL_WITH_HOST),
      is_secondary: FLAG,
    }),
    run() {
      throw new Refusal('domain_update_forbidden')
    },
  }),

  operation('UpdateProductionInstanceDomain', 'PUT /v1/beta_features/domain', {
    status: 202,
    body: CHANGE,
    run: changePrimaryDomain,
  }),

  operation('ChangeProductionInstanceDomain', 'POST /v1/instance/change_domain', {
    status: 202,
    body: CHANGE,
    run: changePrimaryDomain,
  }),

  operation('VerifyDomainProxy', 'POST /v1/proxy_checks', {
    body: object({ domain_id: optional(string()), proxy_url: optional(URL_WITH_HOST) }),
    async run({ world, body, instance }) {
      const domain_id = required('domain_id', body.domain_id)
      const proxy_url = required('proxy_url', body.proxy_url)
      if (!world.domains.byId(domain_id)) throw unknownReference('domain_id')
      if (!(await reachesInstance(proxy_url, instance)))
        throw new Refusal('invalid_proxy_configuration', undefined, 'proxy_url')
      return world.transaction(() => proxyCheckAnswer(noteSuccess(world, domain_id, proxy_url)))
    },
  }),
]

function domainAnswer({ id, name, is_satellite, proxy_url }: Domain, world: World) {
  const url = world.url()
  return {
    object: 'domain',
    id,
    name: name ?? new URL(url).host,
    is_satellite,
    frontend_api_url: proxy_url ?? url,
    accounts_portal_url: null,
    proxy_url,
    development_origin: instanceSettingsOf(world).development_origin ?? '',
    cname_targets: null,
  }
}

function proxyCheckAnswer(check: ProxyCheck) {
  const { id, domain_id, proxy_url, last_run_at, successful, created_at, updated_at } = check
  return { object: 'proxy_check', id, domain_id, proxy_url, last_run_at, successful, created_at, updated_at }
}

/** The domain of the home URL becomes the primary one. */
function changePrimaryDomain({ world, body: { home_url } }: Call<unknown, { readonly home_url?: string | undefined }>) {
  const primary = world.domains.find('is_satellite', false)
  const { host: name } = new URL(required('home_url', home_url))
  if (!primary || primary.name === name) return
  refuseTakenName(world, name)
  world.domains.update(primary.id, { name })
}

/** @throws {Refusal} if the instance has a domain with this name */
function refuseTakenName({ domains, url }: World, name: string): void {
  if (domains.all().some((other) => (other.name ?? new URL(url()).host) === name))
    throw new Refusal('form_already_exists', 'A domain with this name already exists.', 'name')
}

/** A check that is repeated keeps its id. */
function noteSuccess(world: World, domain_id: string, proxy_url: string) {
  const last_run_at = world.now()
  const known = world.proxy_checks.where('domain_id', domain_id).find((check) => check.proxy_url === proxy_url)
  return known
    ? world.proxy_checks.update(known.id, { last_run_at })
    : world.proxy_checks.add({ domain_id, proxy_url, last_run_at, successful: true })
}

function isHost(text: string): boolean {
  const [, host = '', port] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? []
  return (isDomain(host) || host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)) && Number(port ?? 1) <= 65_535
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
