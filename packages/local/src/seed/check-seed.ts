import { defaultSeed } from './default-seed.js'
import {
  A_NUMBER,
  A_STRING,
  AN_OBJECT,
  STRINGS,
  isListOf,
  isObject,
  rule,
  type InputRules,
  type Rule,
} from '../support/input.js'
import { backupCodesProblem } from '../credentials/backup-codes.js'
import { isBase32Secret } from '../credentials/totp.js'
import { isWalletAddress } from '../people/identifiers.js'
import { list } from '../support/list.js'
import { isFeatureName, parsePermission } from '../tokens/permissions.js'
import { isSlug, slugOf } from '../model/organization.js'
import type { Seed, SeedClient, SeedExternalAccount, SeedMachine, SeedOrganization, SeedPerson } from './seed.js'

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
  yield* fieldProblems('a seed', value, [], SEED_RULES, [])
  const seed = value as Seed
  for (const part of ['organizations', 'people'] as const)
    if (seed[part] === undefined) yield { message: `the seed requires "${part}", which may be {}`, path: [] }

  for (const [slug, organization] of Object.entries(seed.organizations)) yield* organizationProblems(slug, organization)
  for (const [role, permissions] of Object.entries(seed.roles ?? {})) yield* roleProblems(role, permissions)
  for (const [name, person] of Object.entries(seed.people)) yield* personProblems(name, person, seed)
  if (seed.machines && Object.keys(seed.machines).length === 0)
    yield { message: 'the seed requires at least one machine', path: ['machines'] }
  for (const [name, machine] of Object.entries(seed.machines ?? {}))
    yield* machineProblems(name, machine, Object.keys(seed.machines ?? {}))
  for (const [name, client] of Object.entries(seed.clients ?? {}))
    yield* fieldProblems(`client "${name}" in the seed`, client, ['clients', name], CLIENT_RULES, ['name'])
}

function* organizationProblems(slug: string, organization: SeedOrganization): Generator<SeedProblem> {
  const path = ['organizations', slug]
  if (!isSlug(slug)) {
    const rule = `must have a slug of lowercase letters, digits and "-", such as "${slugOf(slug)}"`
    yield { message: `organization ${JSON.stringify(slug)} in the seed ${rule}`, path }
  }
  yield* fieldProblems(`organization "${slug}" in the seed`, organization, path, ORGANIZATION_RULES, ['name'])
  const { features = [], plan } = organization
  const message = (name: string) =>
    `"${name}" of organization "${slug}" must be a name without colons, commas or whitespace`
  for (const [i, feature] of features.entries())
    if (!isFeatureName(feature)) yield { message: message(feature), path: [...path, 'features', i] }
  if (plan !== undefined && !isFeatureName(plan)) yield { message: message(plan), path: [...path, 'plan'] }
}

function* roleProblems(role: string, permissions: unknown): Generator<SeedProblem> {
  const path = ['roles', role]
  if (!role.startsWith('org:')) yield { message: `role "${role}" in the seed must start with "org:"`, path }
  if (!STRINGS.accepts(permissions))
    yield { message: `the permissions of role "${role}" in the seed must be ${STRINGS.expected}`, path }
  for (const [i, permission] of (permissions as readonly string[]).entries()) {
    const message = permissionProblem(permission)
    if (message !== undefined) yield { message, path: [...path, i] }
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
  yield* fieldProblems(`"${name}" in the seed`, person, path, PERSON_RULES, ['firstName', 'email'])
  yield* accountProblems(name, person)
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

function* accountProblems(name: string, { externalAccounts = [], ...person }: SeedPerson): Generator<SeedProblem> {
  const path = ['people', name]
  for (const [i, account] of externalAccounts.entries()) {
    const what = `external account ${i + 1} of "${name}" in the seed`
    yield* fieldProblems(what, account, [...path, 'externalAccounts', i], EXTERNAL_ACCOUNT_RULES, ['provider'])
  }
  const message = person.backupCodes && backupCodesProblem(person.backupCodes)
  if (message !== undefined)
    yield { message: `"backupCodes" of "${name}" in the seed ${message}`, path: [...path, 'backupCodes'] }
}

function* machineProblems(name: string, machine: SeedMachine, names: readonly string[]): Generator<SeedProblem> {
  const path = ['machines', name]
  yield* fieldProblems(`machine "${name}" in the seed`, machine, path, MACHINE_RULES, [])
  for (const [i, scope] of (machine.scopes ?? []).entries()) {
    const message = `machine "${name}" may call "${scope}", but the seed only has ${list(names)}`
    if (!names.includes(scope)) yield { message, path: [...path, 'scopes', i] }
  }
}

/** The path of a missing field is that of the object that lacks it. */
function* fieldProblems<T>(
  what: string,
  value: unknown,
  path: SeedProblem['path'],
  rules: InputRules<T>,
  needed: readonly (keyof T & string)[],
): Generator<SeedProblem> {
  if (!isObject(value)) yield { message: `${what} must be an object with ${list(Object.keys(rules))}`, path }
  for (const [field, given] of Object.entries(value as object)) {
    const known = Object.hasOwn(rules, field) ? (rules as Readonly<Record<string, Rule>>)[field] : undefined
    const at = [...path, field]
    if (!known) yield { message: `${what} has no "${field}", only ${list(Object.keys(rules))}`, path: at }
    else if (given !== undefined && !known.accepts(given))
      yield { message: `"${field}" of ${what} must be ${known.expected}`, path: at }
  }
  for (const field of needed)
    if ((value as Partial<Record<string, unknown>>)[field] === undefined)
      yield { message: `${what} requires ${/^[aeiou]/.test(field) ? 'an' : 'a'} "${field}"`, path }
}

const SEED_RULES: InputRules<Seed> = {
  organizations: AN_OBJECT,
  roles: AN_OBJECT,
  people: AN_OBJECT,
  machines: AN_OBJECT,
  clients: AN_OBJECT,
}

const ORGANIZATION_RULES: InputRules<SeedOrganization> = { name: A_STRING, features: STRINGS, plan: A_STRING }

const PERSON_RULES: InputRules<SeedPerson> = {
  firstName: A_STRING,
  email: A_STRING,
  memberships: AN_OBJECT,
  defaultOrganization: A_STRING,
  passkeys: STRINGS,
  externalAccounts: rule('a list', Array.isArray),
  wallets: rule('a list of addresses of Ethereum or Solana wallets', (value) =>
    isListOf(value, (item) => typeof item === 'string' && isWalletAddress(item)),
  ),
  totpSecret: rule('a base32 secret', (value) => typeof value === 'string' && isBase32Secret(value)),
  backupCodes: STRINGS,
}

const EXTERNAL_ACCOUNT_RULES: InputRules<SeedExternalAccount> = {
  provider: rule(
    'an OAuth provider such as "oauth_google"',
    (value) => typeof value === 'string' && /^oauth_(?:token_|custom_)?[a-z]+$/.test(value),
  ),
  providerUserId: A_STRING,
  emailAddress: A_STRING,
  scopes: STRINGS,
  token: A_STRING,
  tokenExpiresAt: A_NUMBER,
}

const MACHINE_RULES: InputRules<SeedMachine> = {
  scopes: STRINGS,
  defaultTokenTtl: rule('a positive integer', (value) => Number.isInteger(value) && Number(value) > 0),
}

const CLIENT_RULES: InputRules<SeedClient> = { name: A_STRING }
