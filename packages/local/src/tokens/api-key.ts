import { newSecret, newTokenId } from '../state/ids.js'
import { A_STRING, A_TTL, AN_OBJECT, STRINGS, checkInput, rule, type InputRules } from '../input.js'
import { list } from '../list.js'
import type { Population } from '../seed/seed.js'
import { newRecord, type StoredToken } from './token-store.js'

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

export interface StoredApiKey extends StoredToken {
  readonly type: string
  readonly name: string
  readonly description: string | null
  readonly scopes: readonly string[]
  readonly claims: Readonly<Record<string, unknown>> | null
  readonly createdBy: string | null
}

/** The fields of a key that its owner chooses. */
export type ApiKeyFields = Omit<StoredApiKey, keyof StoredToken> & Pick<StoredApiKey, 'subject'>

const USUAL_TTL_IN_SECONDS = 3600

/** @throws {TypeError} if the subject does not exist, or a field has the wrong type */
export function apiKeyRecordOf(input: ApiKeyInput, population: Population, now: number): StoredApiKey {
  checkInput('apiKey()', input, RULES)
  const { subject = 'alice', scopes = [], claims = null, name = 'local', ttlInSeconds = null } = input
  const fields = { type: 'api_key', name, description: null, scopes, claims, createdBy: null }
  return apiKeyRecord({ ...fields, subject: subjectIdOf(subject, population) }, ttlInSeconds, now)
}

export function apiKeyRecord(fields: ApiKeyFields, ttlInSeconds: number | null, now: number): StoredApiKey {
  return {
    id: newTokenId('ak'),
    token: newSecret('ak'),
    ...fields,
    ...newRecord(now, ttlInSeconds, USUAL_TTL_IN_SECONDS),
  }
}

function subjectIdOf(subject: string, { people, organizations }: Population): string {
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
