import { Refusal } from '../../api/errors.js'
import { backupCodesProblem } from '../../credentials/backup-codes.js'
import { digestProblem, isHasher } from '../../credentials/hashers.js'
import { hashPassword, type StoredPassword } from '../../credentials/password.js'
import { isBase32Secret } from '../../credentials/totp.js'
import { integer, list, nullish, optional, refined, rule, string, type Values } from '../../model/schema.js'
import type { User } from '../../model/user.js'
import { usernameProblem } from '../../people/identifiers.js'
import type { Changes } from '../../state/table.js'
import type { World } from '../../state/world.js'
import { FLAG } from '../fields.js'
import { instantOf, isoTime } from '../instant.js'
import { refuseTaken } from './identifiers.js'

const TEXT = nullish(string())
const NAME = nullish(string({ max: 256 }))

/** `''` removes it. */
const USERNAME = refined(
  string(),
  rule(
    'form_username_invalid_length',
    'must be from 4 to 64 characters long.',
    (value) => value === '' || usernameProblem(value) !== 'form_username_invalid_length',
  ),
  rule(
    'form_username_invalid_character',
    'must consist of letters, digits, _ and -.',
    (value) => value === '' || usernameProblem(value) === undefined,
  ),
)

const TOTP_SECRET = refined(string(), rule('form_param_value_invalid', 'must be a secret in base32.', isBase32Secret))

const BACKUP_CODES = refined(
  list(string()),
  rule(
    'form_param_value_invalid',
    'must be at most 50 codes, each plain or as a bcrypt digest.',
    (codes: readonly string[]) => backupCodesProblem(codes) === undefined,
  ),
)

const HASHER = refined(string(), rule('form_param_value_invalid', 'must be one of the supported hashers.', isHasher))

/** What can be set on creation and later. */
export const USER_FIELDS = {
  first_name: NAME,
  last_name: NAME,
  username: nullish(USERNAME),
  external_id: nullish(string({ min: 1, max: 256 })),
  locale: TEXT,
  password: TEXT,
  password_digest: TEXT,
  password_hasher: optional(HASHER),
  skip_password_checks: FLAG,
  totp_secret: nullish(TOTP_SECRET),
  backup_codes: optional(BACKUP_CODES),
  delete_self_enabled: FLAG,
  create_organization_enabled: FLAG,
  create_organizations_limit: nullish(integer({ min: 0 })),
  legal_accepted_at: isoTime(),
  // Accepted and ignored: the instance requires no consent.
  skip_legal_checks: FLAG,
  bypass_client_trust: FLAG,
  created_at: isoTime(),
} as const

type UserBody = Values<typeof USER_FIELDS>

/**
 * The changes of a user that a body asks for.
 *
 * @param id of the user; `undefined`: a new one
 * @throws {Refusal} if the username or external id is taken, or the password cannot be stored
 */
export function userChanges(world: World, body: UserBody, id?: string): Changes<User> {
  // `null` is a value of these fields, and leaves the others unchanged.
  const { first_name, last_name, locale, external_id, create_organizations_limit } = body
  const username = body.username === '' ? null : body.username
  if (username) refuseTaken(world, 'username', username, id)
  if (external_id) refuseTaken(world, 'external_id', external_id, id)
  const password = passwordOf(body)
  return {
    first_name,
    last_name,
    locale,
    external_id,
    create_organizations_limit,
    username,
    password: password && { ...password },
    password_last_updated_at: password && world.now(),
    totp_secret: body.totp_secret ?? undefined,
    backup_codes: body.backup_codes,
    delete_self_enabled: body.delete_self_enabled ?? undefined,
    create_organization_enabled: body.create_organization_enabled ?? undefined,
    bypass_client_trust: body.bypass_client_trust ?? undefined,
    legal_accepted_at: instantOf(body.legal_accepted_at),
    created_at: instantOf(body.created_at) ?? undefined,
  }
}

const MIN_PASSWORD_LENGTH = 8

/** @throws {Refusal} if the password is too short, or its digest is not one of its hasher */
function passwordOf({ password, skip_password_checks, ...body }: UserBody): StoredPassword | undefined {
  if (typeof password === 'string') {
    if (password.length < MIN_PASSWORD_LENGTH && !skip_password_checks)
      throw new Refusal('form_password_length_too_short', undefined, 'password')
    return hashPassword(password)
  }
  const { password_digest: digest, password_hasher: hasher } = body
  if (typeof digest !== 'string') return undefined
  if (hasher === undefined)
    throw new Refusal(
      'form_conditional_param_missing',
      '`password_hasher` is required when `password_digest` is present.',
      'password_hasher',
    )
  if (!isHasher(hasher)) throw new Error('the schema accepted an unknown hasher')
  const problem = digestProblem(hasher, digest)
  if (problem) throw new Refusal('form_password_digest_invalid_code', `password_digest ${problem}.`, 'password_digest')
  return { hasher, digest }
}
