import * as v from 'valibot'
import { isSlug, slugOf } from '../model/organization.js'
import { isObject } from '../support/input.js'
import { list } from '../support/list.js'
import { isFeatureName, parsePermission } from '../tokens/permissions.js'
import { billingProblems } from './check-billing.js'
import { defaultSeed } from './default-seed.js'
import { shapeProblems, type SeedProblem } from './shape-problems.js'
import { CLIENT, MACHINE, OAUTH, ORGANIZATION, PERSON, PLAN, ROLE, SEED, SEED_PERSONA, SIGN_UP } from './seed-schema.js'
import { CLERK_SCOPES } from '../tokens/oauth-scopes.js'
import type {
  Seed,
  SeedClient,
  SeedMachine,
  SeedOrganization,
  SeedPerson,
  SeedPersona,
  SeedPlan,
  SeedSignUp,
} from './seed.js'

/** The first problem in a seed: a wrong shape, or a reference to something that the seed does not define. */
export function seedProblem(seed: unknown): SeedProblem | undefined {
  for (const problem of problems(seed)) return problem
  return undefined
}

function* problems(value: unknown): Generator<SeedProblem> {
  yield* shapeProblems('a seed', value, [], SEED)
  const seed = value as Seed
  for (const part of ['organizations', 'people'] as const)
    if (seed[part] === undefined) yield { message: `the seed requires "${part}", which may be {}`, path: [] }

  for (const [slug, organization] of Object.entries(seed.organizations)) yield* organizationProblems(slug, organization)
  for (const [role, given] of Object.entries(seed.roles ?? {})) yield* roleProblems(role, given)
  for (const [name, person] of Object.entries(seed.people)) yield* personProblems(name, person, seed)
  if (seed.machines && Object.keys(seed.machines).length === 0)
    yield { message: 'the seed requires at least one machine', path: ['machines'] }
  for (const [name, machine] of Object.entries(seed.machines ?? {}))
    yield* machineProblems(name, machine, Object.keys(seed.machines ?? {}))
  for (const [name, client] of Object.entries(seed.clients ?? {})) yield* clientProblems(name, client)
  yield* oauthProblems(seed)
  for (const [slug, plan] of Object.entries(seed.plans ?? {})) yield* planProblems(slug, plan)
  yield* billingProblems(seed)
  for (const [i, signUp] of (seed.signUps ?? []).entries()) yield* signUpProblems(i, signUp)
  for (const [name, persona] of Object.entries(seed.personas ?? {})) yield* personaProblems(name, persona)
}

function* clientProblems(name: string, client: SeedClient): Generator<SeedProblem> {
  const path = ['clients', name]
  yield* shapeProblems(`client "${name}" in the seed`, client, path, CLIENT)
  if (client.clientId !== undefined && client.secret !== undefined)
    yield { message: `client "${name}" in the seed has a "clientId" of its own, and so no "secret"`, path }
}

function* oauthProblems({ oauth }: Seed): Generator<SeedProblem> {
  if (oauth === undefined) return
  yield* shapeProblems('"oauth" in the seed', oauth, ['oauth'], OAUTH)
  const known = [...Object.keys(CLERK_SCOPES), ...(oauth.scopes ?? [])]
  for (const [i, scope] of (oauth.defaultScopes ?? []).entries())
    if (!known.includes(scope))
      yield {
        message: `default scope "${scope}" must be one of ${list(known)}`,
        path: ['oauth', 'defaultScopes', i],
      }
}

function* organizationProblems(slug: string, organization: SeedOrganization): Generator<SeedProblem> {
  const path = ['organizations', slug]
  if (!isSlug(slug)) {
    const rule = `must have a slug of lowercase letters, digits and "-", such as "${slugOf(slug)}"`
    yield { message: `organization ${JSON.stringify(slug)} in the seed ${rule}`, path }
  }
  yield* shapeProblems(`organization "${slug}" in the seed`, organization, path, ORGANIZATION)
  yield* featureProblems(`organization "${slug}"`, organization.features, path)
  const { plan } = organization
  if (plan !== undefined) yield* nameProblems(`organization "${slug}"`, plan, [...path, 'plan'])
}

function* featureProblems(
  what: string,
  features: readonly string[] = [],
  path: readonly string[],
): Generator<SeedProblem> {
  for (const [i, feature] of features.entries()) yield* nameProblems(what, feature, [...path, 'features', i])
}

function* nameProblems(what: string, name: string, path: SeedProblem['path']): Generator<SeedProblem> {
  if (!isFeatureName(name))
    yield { message: `"${name}" of ${what} must be a name without colons, commas or whitespace`, path }
}

function* roleProblems(role: string, given: NonNullable<Seed['roles']>[string]): Generator<SeedProblem> {
  const path = ['roles', role]
  if (!role.startsWith('org:')) yield { message: `role "${role}" in the seed must start with "org:"`, path }
  const isNamed = isObject(given)
  if (isNamed) yield* shapeProblems(`role "${role}" in the seed`, given, path, ROLE)
  else if (!v.is(ROLE.entries['permissions']!, given) || given === undefined)
    yield { message: `the permissions of role "${role}" in the seed must be a list of strings`, path }
  const permissions = isNamed ? ((given as { readonly permissions?: readonly string[] }).permissions ?? []) : given
  for (const [i, permission] of permissions.entries()) {
    const message = permissionProblem(permission)
    if (message !== undefined) yield { message, path: [...path, ...(isNamed ? ['permissions'] : []), i] }
  }
}

function permissionProblem(permission: string): string | undefined {
  try {
    parsePermission(permission)
    return undefined
  } catch (error) {
    return (error as TypeError).message
  }
}

function* personProblems(name: string, person: SeedPerson, seed: Seed): Generator<SeedProblem> {
  const path = ['people', name]
  yield* shapeProblems(`"${name}" in the seed`, person, path, PERSON)
  const { memberships = {}, defaultOrganization } = person
  const slugs = Object.keys(seed.organizations)
  const roles = Object.keys(seed.roles ?? defaultSeed.roles)
  for (const [slug, role] of Object.entries(memberships)) {
    const at = [...path, 'memberships', slug]
    if (!slugs.includes(slug))
      yield { message: `"${name}" is a member of "${slug}", but the seed only has ${list(slugs)}`, path: at }
    if (!roles.includes(role))
      yield { message: `"${name}" has role ${JSON.stringify(role)}, but the seed only has ${list(roles)}`, path: at }
  }
  if (defaultOrganization !== undefined && !Object.hasOwn(memberships, defaultOrganization)) {
    const known = list(Object.keys(memberships))
    yield {
      message: `defaultOrganization "${defaultOrganization}" of "${name}" must be one of the memberships: ${known}`,
      path: [...path, 'defaultOrganization'],
    }
  }
}

function* machineProblems(name: string, machine: SeedMachine, names: readonly string[]): Generator<SeedProblem> {
  const path = ['machines', name]
  yield* shapeProblems(`machine "${name}" in the seed`, machine, path, MACHINE)
  for (const [i, scope] of (machine.scopes ?? []).entries()) {
    const message = `machine "${name}" may call "${scope}", but the seed only has ${list(names)}`
    if (!names.includes(scope)) yield { message, path: [...path, 'scopes', i] }
  }
}

function* planProblems(slug: string, plan: SeedPlan): Generator<SeedProblem> {
  const path = ['plans', slug]
  if (!isFeatureName(slug))
    yield { message: `plan "${slug}" in the seed must have a slug without colons, commas or whitespace`, path }
  yield* shapeProblems(`plan "${slug}" in the seed`, plan, path, PLAN)
  yield* featureProblems(`plan "${slug}"`, plan.features, path)
}

function* signUpProblems(index: number, signUp: SeedSignUp): Generator<SeedProblem> {
  const what = `sign-up ${index + 1} in the seed`
  const path = ['signUps', index]
  yield* shapeProblems(what, signUp, path, SIGN_UP)
  if (signUp.emailAddress === undefined && signUp.phoneNumber === undefined)
    yield { message: `${what} requires an "emailAddress" or a "phoneNumber"`, path }
}

function* personaProblems(name: string, persona: SeedPersona): Generator<SeedProblem> {
  const what = `persona "${name}" in the seed`
  const path = ['personas', name]
  yield* shapeProblems(what, persona, path, SEED_PERSONA)
  if (Object.keys(persona).length !== 1)
    yield { message: `${what} requires one of ${list(Object.keys(SEED_PERSONA.entries))}`, path }
}
