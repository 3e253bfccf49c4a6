import type { Endpoint } from '../../src/api/endpoint.js'
import { Refusal } from '../../src/api/errors.js'
import type { Answer } from '../../src/api/answer.js'
import type { Instance } from '../../src/instance/instance.js'
import type { BaseRecord } from '../../src/model/record.js'
import type { TableName } from '../../src/model/tables.js'
import { object } from '../../src/model/schema.js'
import type { Operation } from '../../src/operations/operation.js'
import { acceptedBy, type AcceptedValue } from './input-of-schema.js'

/** Random numbers that are the same for the same seed (mulberry32). */
export interface Random {
  /** from 0 to 1, exclusive */
  readonly next: () => number
  readonly below: (limit: number) => number
  readonly of: <T>(items: readonly T[]) => T
  readonly chance: (probability: number) => boolean
}

export function randomOf(seed: number): Random {
  let state = seed
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { next, below, of: (items) => items[below(items.length)]!, chance: (probability) => next() < probability }
}

/** What a request of an operation consists of. */
interface RandomCall {
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly (readonly [string, string])[]
  readonly body: unknown
}

/** Makes calls that are usually valid: their values refer to records of the instance. */
export function randomCall(operation: Operation, { world }: Instance, random: Random): RandomCall {
  const params = pathOf(operation.path)
  const accepted = operation.body && acceptedBy(operation.body)
  return {
    params,
    query: queryOf(),
    body: operation.method === 'GET' ? undefined : valueOf('', accepted ?? acceptedBy(object({}))),
  }

  function some(table: TableName): BaseRecord | undefined {
    const all = world[table].all()
    return all.length === 0 ? undefined : random.of<BaseRecord>(all)
  }

  function idIn(table: TableName): string {
    return some(table)?.id ?? 'missing'
  }

  function pathOf(path: string): Readonly<Record<string, string>> {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const nested = NESTED.find(([part]) => path.includes(part))
    const record = nested && (some(nested[1]) as (BaseRecord & Record<string, unknown>) | undefined)
    return Object.fromEntries(
      names.map((name) => {
        if (record && nested && name in nested[2]) return [name, String(record[nested[2][name]!])]
        const value = known(name, path)
        return [name, typeof value === 'string' ? value : 'missing']
      }),
    )
  }

  function queryOf(): readonly (readonly [string, string])[] {
    return Object.entries(acceptedBy(object(operation.query)).fields ?? {}).flatMap(([name, field]) =>
      field.required || random.chance(0.15) ? [valueOf(name, field)].flat().map((v) => [name, String(v)] as const) : [],
    )
  }

  /** A value that the name of a field suggests. */
  function known(name: string, path = operation.path): unknown {
    const single = name.replace(/_ids$/, '_id')
    if (Object.hasOwn(TABLE_OF, single)) return idIn(TABLE_OF[single]!)
    if (name === 'id') return idIn(path.includes('redirect') ? 'redirect_urls' : 'sign_ups')
    if (name === 'invitation_id') return idIn('invitations')
    if (name === 'domain_id') return idIn(path.includes('organization') ? 'organization_domains' : 'domains')
    if (
      /^(role|creator_role|default_role|role_key|to_role_key|default_role_key|creator_role_key|roles|role_keys)$/.test(
        name,
      )
    )
      return keyIn('roles')
    if (/^(role_set_key|dest_role_set_key)$/.test(name)) return keyIn('role_sets')
    if (name === 'key')
      return path.includes('role_set')
        ? `role_set:k${random.below(30)}`
        : `org:k${random.below(30)}:${path.includes('perm') ? 'read' : ''}`.replace(/:$/, '')
    if (name === 'permissions') return random.chance(0.5) ? keyIn('permissions') : idIn('permissions')
    if (name === 'template_type') return random.of(['email', 'sms'])
    if (name === 'slug' && path.includes('template'))
      return random.of(['invitation', 'verification_code', 'waitlist_invitation'])
    if (name === 'slug') return `slug-${random.below(200)}`
    if (/^(email_address|email_addresses)$/.test(name)) return `p${random.below(300)}@d${random.below(5)}.example`
    if (name === 'phone_number') return `+1202555${String(1000 + random.below(200))}`
    if (name === 'web3_wallet') return `0x${String(random.below(200)).padStart(40, '0')}`
    if (name === 'username') return `user_${random.below(200)}`
    if (name === 'identifier')
      return random.of([`p${random.below(300)}@d1.example`, '*@d4.example', `+1202555${1000 + random.below(200)}`])
    if (name === 'domain' || name === 'domains') return `d${random.below(30)}.example`
    if (name === 'name' && path.includes('domains')) return `d${random.below(30)}.example`
    if (name === 'enrollment_mode')
      return random.of(['manual_invitation', 'automatic_invitation', 'automatic_suggestion'])
    if (name === 'created_at' || name === 'legal_accepted_at') return '2020-01-02T03:04:05Z'
    if (name === 'extend_to') return new Date(world.now() + 86_400_000 * (1 + random.below(60))).toISOString()
    if (/url|uris/.test(name)) return `https://example.com/${random.below(30)}`
    if (name === 'template_name') return (some('jwt_templates') as { name?: string } | undefined)?.name
    if (name === 'provider') return random.of(['saml_custom', 'oauth_google'])
    if (name === 'password') return random.of(['correct horse battery', 'another long password'])
    if (name === 'totp_secret') return 'JBSWY3DPEHPK3PXP'
    if (name === 'identifier_id')
      return idIn(path.includes('block') ? 'blocklist_identifiers' : 'allowlist_identifiers')
    if (name === 'is_secondary' || name === 'is_satellite') return true
    if (name === 'limit') return random.of([1, 2, 500])
    if (name === 'offset') return random.below(5)
    if (name === 'reassignment_mappings') return { [keyIn('roles')]: keyIn('roles') }
    if (name === 'attribute_mapping') return { user_id: 'a', email_address: 'b', first_name: 'c', last_name: 'd' }
    if (name === 'actor') return { sub: idIn('users') }
    return undefined
  }

  function keyIn(table: 'roles' | 'role_sets' | 'permissions'): string {
    return (some(table) as { readonly key: string } | undefined)?.key ?? 'missing'
  }

  function valueOf(name: string, field: AcceptedValue): unknown {
    if (field.nullable && random.chance(0.1)) return null
    const { type, enum: values, limits, items, fields } = field
    if (type === 'array' && items) {
      const least = Number(limits['minItems'] ?? 0)
      return Array.from({ length: least + random.below(3) }, () => valueOf(name, items))
    }
    if (values) return random.of(values)
    if (type === 'boolean') return name === 'is_satellite' || random.chance(0.5)
    const suggested = known(name)
    if (suggested !== undefined && typeof suggested === TYPES[type]) return suggested
    if (type === 'integer' || type === 'number') {
      const least = Number(limits['minimum'] ?? 0)
      return Math.min(least + 1 + random.below(5000), Number(limits['maximum'] ?? Infinity))
    }
    if (fields)
      return Object.fromEntries(
        Object.entries(fields).flatMap(([member, one]) =>
          one.required || (!/hasher|digest|identification_status|^created_at$/.test(member) && random.chance(0.35))
            ? [[member, valueOf(member, one)]]
            : [],
        ),
      )
    if (type === 'object') return random.of([{}, { a: random.below(9) }, { a: { b: null }, c: [1] }])
    return `text ${random.below(1000)}`.padEnd(Number(limits['minLength'] ?? 0), 'x')
  }
}

/** Calls without HTTP, which is many times faster. An error that is not a refusal is what an HTTP caller sees as 500. */
export async function call(
  operation: Operation,
  { params, query, body }: RandomCall,
  endpoint: Endpoint,
  secretKey: string,
): Promise<Answer> {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  try {
    return await endpoint.answer({
      path,
      query: new URLSearchParams(query.map(([name, value]) => [name, value])),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${secretKey}`,
        'clerk-api-version': '2025-11-10',
      },
      params,
      readText: async () => (body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
      readForm: async () => {
        const form = new FormData()
        form.set('file', new Blob([PNG]), 'a.png')
        return form
      },
    })
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  object: 'object',
}

/** The records that two parameters of a path name together: part of the path, table, and field by parameter. */
const NESTED: readonly (readonly [string, TableName, Readonly<Record<string, string>>])[] = [
  [
    '/organizations/{organization_id}/memberships/',
    'memberships',
    { organization_id: 'organization_id', user_id: 'user_id' },
  ],
  [
    '/organizations/{organization_id}/domains/',
    'organization_domains',
    { organization_id: 'organization_id', domain_id: 'id' },
  ],
  [
    '/organizations/{organization_id}/invitations/{',
    'organization_invitations',
    { organization_id: 'organization_id', invitation_id: 'id' },
  ],
  ['/passkeys/', 'passkeys', { user_id: 'user_id', passkey_identification_id: 'id' }],
  ['/web3_wallets/', 'web3_wallets', { user_id: 'user_id', web3_wallet_identification_id: 'id' }],
  ['/external_accounts/', 'external_accounts', { user_id: 'user_id', external_account_id: 'id' }],
]

const TABLE_OF: Readonly<Record<string, TableName>> = {
  user_id: 'users',
  created_by: 'users',
  user_ids: 'users',
  subject: 'users',
  inviter_user_id: 'users',
  requesting_user_id: 'users',
  organization_id: 'organizations',
  org_id: 'organizations',
  active_organization_id: 'organizations',
  actor_token_id: 'actor_tokens',
  api_key_id: 'api_keys',
  statementID: 'statements',
  subscription_item_id: 'subscription_items',
  client_id: 'clients',
  session_id: 'sessions',
  email_address_id: 'email_addresses',
  primary_email_address_id: 'email_addresses',
  phone_number_id: 'phone_numbers',
  primary_phone_number_id: 'phone_numbers',
  primary_web3_wallet_id: 'web3_wallets',
  profile_image_id: 'images',
  template_id: 'jwt_templates',
  m2m_token_id: 'm2m_tokens',
  machine_id: 'machines',
  other_machine_id: 'machines',
  to_machine_id: 'machines',
  scoped_machines: 'machines',
  oauth_application_id: 'oauth_applications',
  permission_id: 'permissions',
  organization_role_id: 'roles',
  creator_role_id: 'roles',
  domains_default_role_id: 'roles',
  role_set_key_or_id: 'role_sets',
  saml_connection_id: 'saml_connections',
  sign_in_token_id: 'sign_in_tokens',
  waitlist_entry_id: 'waitlist_entries',
  passkey_identification_id: 'passkeys',
  web3_wallet_identification_id: 'web3_wallets',
  external_account_id: 'external_accounts',
}
