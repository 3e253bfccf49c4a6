import type { LocalClerk } from '../local-clerk.js'
import type { Person } from '../people/directory.js'
import { escapeInvisible } from '../support/escape-invisible.js'
import type { Seed, SeedPersona } from '../seed/seed.js'
import { TOKEN_KINDS } from '../tokens/token-kind.js'
import type { CallerAuth, Core } from './core.js'
import type { Listing } from './route.js'

/** The tables of the matrix. */
export const PERSONA_GROUPS = ['People', 'Machines', 'OAuth clients', 'API keys', 'JWT templates'] as const

export type PersonaGroup = (typeof PERSONA_GROUPS)[number]

/** A caller, as whom every route is called. */
export interface Persona {
  /** unique, such as `bob (org:member of acme)` */
  readonly name: string
  readonly group: PersonaGroup
  readonly token: string | undefined
  /** Who this is to the application's own version of core. */
  readonly auth: CallerAuth
}

type UnverifiedPersona = Omit<Persona, 'auth'>

export interface PersonaOptions {
  readonly local: LocalClerk<Seed>
  readonly core: Core
  readonly listing: Listing
  readonly personas: Readonly<Record<string, SeedPersona>>
  /** origin in session tokens, for applications with `authorizedParties`; default: that of the local instance */
  readonly azp: string | undefined
}

/** The check of a large application must end before a token does. */
const TTL_IN_SECONDS = 3600

/**
 * An anonymous caller, and everyone in the seed: each person in each of their organizations, machines, OAuth clients,
 * API keys, and the personas of the seed.
 *
 * @throws {TypeError} if the seed has no people, or a persona of the seed has no valid token
 */
export async function personasOf(options: PersonaOptions): Promise<readonly Persona[]> {
  const { local, core, personas } = options
  const anonymous: UnverifiedPersona = { name: 'anonymous', group: 'People', token: undefined }
  const minting = [
    ...Object.values(local.people).flatMap((person) => inOrganizations(person, options)),
    ...machines(local),
    ...credentials(options),
    ...Object.entries(personas).map(async ([name, persona]) => ofSeed(name, persona, local)),
  ]
  const all = [anonymous, ...(await Promise.all(minting))]
  const clerk = core.createClerkAuth({ acceptsToken: TOKEN_KINDS, insecureAllowLocalIssuer: true }, { ...local.env })
  try {
    return await Promise.all(
      all.map(async (persona) => ({
        ...persona,
        name: escapeInvisible(persona.name).replaceAll('\n', ' '),
        auth: await clerk.authenticate({
          headers: persona.token === undefined ? {} : { authorization: `Bearer ${persona.token}` },
        }),
      })),
    )
  } finally {
    clerk.close()
  }
}

/** A person without a default organization may also be signed in without one. */
function inOrganizations(person: Person, { local, azp }: PersonaOptions): readonly Promise<UnverifiedPersona>[] {
  const { name, memberships, defaultOrganization } = person
  const slugs = Object.keys(memberships).sort()
  const others = slugs.filter((slug) => slug !== defaultOrganization)
  return [defaultOrganization, ...others].map(async (org) => ({
    name: `${name} (${org === null ? 'no organization' : `${memberships[org]} of ${org}`})`,
    group: 'People' as const,
    token: await local.sessionToken({
      user: person.id,
      org,
      ttlInSeconds: TTL_IN_SECONDS,
      ...(azp !== undefined && { azp }),
    }),
  }))
}

/** Clerk does not verify an opaque token for an API that the machine may not call. A JWT says so itself. */
function machines({ env, machines, m2mToken }: LocalClerk<Seed>): readonly Promise<UnverifiedPersona>[] {
  return Object.values(machines).map(async ({ name, id, scopes }) => ({
    name: `${name} (machine)`,
    group: 'Machines' as const,
    token: await m2mToken({
      from: id,
      format: scopes.includes(env.CLERK_MACHINE_ID) ? 'opaque' : 'jwt',
      ttlInSeconds: TTL_IN_SECONDS,
    }),
  }))
}

/**
 * OAuth tokens and API keys of the first person, without scopes of this application and with all that its guards name;
 * and a token from a JWT template if a guard accepts one.
 */
function credentials({ local, listing }: PersonaOptions): readonly Promise<UnverifiedPersona>[] {
  const [person] = Object.values(local.people)
  if (!person) throw new TypeError('the seed requires at least one person: the tokens that must be refused name one')
  const { id: user, name, defaultOrganization } = person
  const requirements = listing.routes
    .flatMap(({ guards }) => guards)
    .flatMap((guard) => (guard.isPublic ? [] : guard.requirements))
  const named = [...new Set(requirements.flatMap(({ scope }) => (scope ?? []) as readonly string[]))].sort()
  const scopings = [
    { suffix: '', scopes: [] },
    ...(named.length > 0 ? [{ suffix: ', all scopes', scopes: named }] : []),
  ]
  const clients = Object.entries(local.clients).flatMap(([client, { id }]) =>
    scopings.map(async ({ suffix, scopes }) => ({
      name: `${client} (OAuth client of ${name}${suffix})`,
      group: 'OAuth clients' as const,
      token: await local.oauthToken({
        user,
        client: id,
        scopes: ['openid', 'profile', 'email', ...scopes],
        ttlInSeconds: TTL_IN_SECONDS,
        ...(defaultOrganization !== null && { org: defaultOrganization }),
      }),
    })),
  )
  const keys = scopings.map(async ({ suffix, scopes }) => ({
    name: `${name} (API key${suffix})`,
    group: 'API keys' as const,
    token: await local.apiKey({ subject: user, scopes }),
  }))
  const template = async () => ({
    name: `${name} (JWT template)`,
    group: 'JWT templates' as const,
    token: await local.templateToken({ user, ttlInSeconds: TTL_IN_SECONDS }),
  })
  const hasTemplates = requirements.some(({ acceptsToken }) => acceptsToken.includes('jwt_template'))
  return [...clients, ...keys, ...(hasTemplates ? [template()] : [])]
}

async function ofSeed(name: string, persona: SeedPersona, local: LocalClerk<Seed>): Promise<UnverifiedPersona> {
  const { sessionToken, m2mToken, oauthToken, apiKey, templateToken } = persona
  const life = { ttlInSeconds: TTL_IN_SECONDS }
  try {
    if (sessionToken) return { name, group: 'People', token: await local.sessionToken({ ...life, ...sessionToken }) }
    if (m2mToken) return { name, group: 'Machines', token: await local.m2mToken({ ...life, ...m2mToken }) }
    if (oauthToken) return { name, group: 'OAuth clients', token: await local.oauthToken({ ...life, ...oauthToken }) }
    if (apiKey) return { name, group: 'API keys', token: await local.apiKey(apiKey) }
    return { name, group: 'JWT templates', token: await local.templateToken({ ...life, ...templateToken }) }
  } catch (cause) {
    throw new TypeError(`persona "${name}" of the seed: ${(cause as Error).message}`, { cause })
  }
}
