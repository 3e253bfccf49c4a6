import { newSecret, newTokenId } from '../model/ids.js'
import { A_STRING, A_TTL, AN_OBJECT, STRINGS, checkInput, rule, type InputRules } from '../support/input.js'
import { list } from '../support/list.js'
import type { Directory } from '../people/directory.js'
import { lifetimeOf } from './opaque-token.js'

/** Options of an API key. */
export interface ApiKeyInput {
  /** its subject: a user's name, an organization's slug, or the `user_…` or `org_…` id; default `alice` */
  readonly subject?: string
  /** default: none */
  readonly scopes?: readonly string[]
  /** default: none */
  readonly claims?: Readonly<Record<string, unknown>>
  /** default, and `null`: it never expires */
  readonly ttlInSeconds?: number | null
  /** display name, at least 3 characters */
  readonly name?: string
}

const USUAL_TTL_IN_SECONDS = 3600

/**
 * A new API key.
 *
 * @throws {TypeError} if the subject does not exist, or a field has the wrong type
 */
export function apiKeyOf(input: ApiKeyInput, directory: Directory, now: number) {
  checkInput('apiKey()', input, RULES)
  const { subject = 'alice', scopes = [], claims = null, name = 'local', ttlInSeconds = null } = input
  return apiKeyRecord({ subject: subjectIdOf(subject, directory), name, scopes, claims }, ttlInSeconds, now)
}

/** A new API key with these fields. */
export function apiKeyRecord<Fields extends object>(fields: Fields, ttlInSeconds: number | null, now: number) {
  const ids = { id: newTokenId('ak'), token: newSecret('ak') }
  return { ...ids, ...fields, ...lifetimeOf(now, ttlInSeconds, USUAL_TTL_IN_SECONDS) }
}

function subjectIdOf(subject: string, directory: Directory): string {
  const [people, organizations] = [directory.people(), directory.organizations()]
  const named =
    (Object.hasOwn(people, subject) && people[subject]) ||
    (Object.hasOwn(organizations, subject) && organizations[subject])
  const found = named || [...Object.values(people), ...Object.values(organizations)].find(({ id }) => id === subject)
  if (found) return found.id
  const known = [...Object.keys(people), ...Object.keys(organizations)]
  throw new TypeError(`there is no subject "${subject}", only ${list(known)}`)
}

const RULES: InputRules<ApiKeyInput> = {
  subject: A_STRING,
  scopes: STRINGS,
  claims: AN_OBJECT,
  ttlInSeconds: A_TTL,
  name: rule('a string of at least 3 characters', (value) => typeof value === 'string' && value.length >= 3),
}
