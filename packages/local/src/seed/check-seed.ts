import * as v from 'valibot'
import { isSlug, slugOf } from '../model/organization.js'
import { isObject } from '../support/input.js'
import { list } from '../support/list.js'
import { isFeatureName, parsePermission } from '../tokens/permissions.js'
import { defaultSeed } from './default-seed.js'
import {
  CLIENT,
  MACHINE,
  OAUTH,
  ORGANIZATION,
  PERSON,
  PLAN,
  ROLE,
  SEED,
  SEED_PERSONA,
  SIGN_UP,
  STATEMENT,
  SUBSCRIPTION,
  type ObjectSchema,
} from './seed-schema.js'
import { CLERK_SCOPES } from '../tokens/oauth-scopes.js'
import type {
  Seed,
  SeedClient,
  SeedMachine,
  SeedOrganization,
  SeedPayer,
  SeedPerson,
  SeedPersona,
  SeedPlan,
  SeedSignUp,
  SeedSubscription,
} from './seed.js'

/** A problem in a seed, with its path from the top, such as `['people', 'alice', 'email']`. */
export interface SeedProblem {
  readonly message: string
  readonly path: readonly (string | number)[]
}

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

function* billingProblems(seed: Seed): Generator<SeedProblem> {
  const { subscriptions = [], statements = [] } = seed
  const plans: Readonly<Record<string, SeedPlan>> = seed.plans ?? defaultSeed.plans
  const subscribed = new Set<string>()
  for (const [i, subscription] of subscriptions.entries()) {
    const what = `subscription ${i + 1} in the seed`
    const path = ['subscriptions', i]
    yield* shapeProblems(what, subscription, path, SUBSCRIPTION)
    yield* payerProblems(what, subscription, path, seed)
    yield* subscriptionProblems(what, subscription, path, plans)
    if (subscribed.has(payerKey(subscription))) yield { message: `${what} is the second one of its payer`, path }
    subscribed.add(payerKey(subscription))
  }
  for (const [i, statement] of statements.entries()) {
    const what = `statement ${i + 1} in the seed`
    const path = ['statements', i]
    yield* shapeProblems(what, statement, path, STATEMENT)
    yield* payerProblems(what, statement, path, seed)
    if (!subscribed.has(payerKey(statement)))
      yield { message: `${what} must belong to a user or an organization with a subscription in the seed`, path }
  }
}

function* payerProblems(
  what: string,
  { user, organization }: SeedPayer,
  path: SeedProblem['path'],
  { people, organizations }: Seed,
): Generator<SeedProblem> {
  if ((user === undefined) === (organization === undefined))
    yield { message: `${what} requires either a "user" or an "organization"`, path }
  const [field, name, known] =
    user === undefined ? (['organization', organization, organizations] as const) : (['user', user, people] as const)
  if (name !== undefined && !Object.hasOwn(known, name))
    yield {
      message: `${what} belongs to "${name}", but the seed only has ${list(Object.keys(known))}`,
      path: [...path, field],
    }
}

function* subscriptionProblems(
  what: string,
  { user, plan: slug, trial = false, period = 'month' }: SeedSubscription,
  path: SeedProblem['path'],
  plans: Readonly<Record<string, SeedPlan>>,
): Generator<SeedProblem> {
  const payerType = user === undefined ? 'org' : 'user'
  const known = Object.keys(plans).filter((name) => plans[name]!.payer === payerType && plans[name]!.amount)
  const plan = known.includes(slug) ? plans[slug] : undefined
  if (!plan)
    return yield {
      message: `${what} is to plan "${slug}", but the paid plans for ${payerType === 'org' ? 'organizations' : 'users'} are only ${list(known)}`,
      path: [...path, 'plan'],
    }
  if (trial && plan.freeTrialDays === undefined)
    yield { message: `${what} has a trial, but plan "${slug}" has no "freeTrialDays"`, path: [...path, 'trial'] }
  if (period === 'annual' && plan.annualMonthlyAmount === undefined)
    yield {
      message: `${what} is paid by the year, but plan "${slug}" has no "annualMonthlyAmount"`,
      path: [...path, 'period'],
    }
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

function payerKey({ user, organization }: SeedPayer): string {
  return user === undefined ? `organization:${organization}` : `user:${user}`
}

/** Where a value does not have the shape of a schema. An unknown field comes first, as it may be a missing one misspelt. */
function* shapeProblems(
  what: string,
  value: unknown,
  path: SeedProblem['path'],
  schema: ObjectSchema,
): Generator<SeedProblem> {
  if (!isObject(value)) yield { message: `${what} must be an object with ${list(Object.keys(schema.entries))}`, path }
  const { issues = [] } = v.safeParse(schema, value)
  const unknown = issues.find(({ expected }) => expected === 'never')
  const issue = unknown ?? issues[0]
  if (issue) yield shapeProblem(what, path, schema, issue)
}

/** The path of a missing field is that of the object that lacks it. */
function shapeProblem(
  what: string,
  start: SeedProblem['path'],
  schema: ObjectSchema,
  { kind, type, expected, message, path: items }: v.BaseIssue<unknown>,
): SeedProblem {
  const names = items?.map(({ key }) => key as string | number) ?? []
  const path = [...start, ...names]
  const field = names.at(-1)
  const place = whereIs(what, names.slice(0, -1))
  const isOfKeys = kind === 'schema' && type === 'strict_object' && expected !== 'Object'
  if (isOfKeys && expected === 'never')
    return {
      message: `${place} has no "${field}"${names.length === 1 ? `, only ${list(Object.keys(schema.entries))}` : ''}`,
      path,
    }
  if (isOfKeys)
    return {
      message: `${place} requires ${/^[aeiou]/.test(String(field)) ? 'an' : 'a'} "${field}"`,
      path: path.slice(0, -1),
    }
  return { message: `"${shown(names)}" of ${what} must be ${message}`, path }
}

/** `externalAccounts[0] of "alice" in the seed` */
function whereIs(what: string, names: readonly (string | number)[]): string {
  return names.length === 0 ? what : `"${shown(names)}" of ${what}`
}

/** `externalAccounts[0].token` */
function shown(names: readonly (string | number)[]): string {
  return names.map((name, i) => (typeof name === 'number' ? `[${name}]` : i === 0 ? name : `.${name}`)).join('')
}
