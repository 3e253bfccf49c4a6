import type { Records, TableName } from '../model/tables.js'
import type { World } from '../state/world.js'

/** @throws {TypeError} if a record restored from a data file refers to a missing one */
export function checkReferences(world: World): void {
  for (const [table, fields] of Object.entries(REFERENCES))
    for (const record of world[table as TableName].all())
      for (const [field, target] of Object.entries(fields))
        for (const id of idsIn((record as unknown as Record<string, Reference>)[field]))
          if (target !== null && !isFound(world, target, id))
            throw new TypeError('the data file refers to missing records: restore a backup, or delete it to start over')
}

/** A field that refers to one record, to several, or to none. */
type Reference = string | readonly string[] | null | undefined

function idsIn(reference: Reference): readonly string[] {
  return [reference ?? []].flat()
}

function isFound(world: World, target: Target, id: string): boolean {
  return (typeof target === 'string' ? world[target].byId(id) : target(world, id)) !== undefined
}

/** The table that a field refers to by id, or the function that finds the record. */
type Target = TableName | ((world: World, reference: string) => object | undefined)

const OWNER: Target = ({ users, organizations }, id) => users.byId(id) ?? organizations.byId(id)
const PERMISSION: Target = ({ permissions }, key) => permissions.find('key', key)
const ROLE: Target = ({ roles }, key) => roles.find('key', key)
const APPLICATION: Target = ({ oauth_applications }, clientId) => oauth_applications.find('client_id', clientId)

type IdField<R> = Extract<keyof R, `${string}_id` | `${string}_ids`>

/** `null`: an id of something else, or of a record that may have been removed since. */
type References<R> = { readonly [Field in keyof R]?: Target | null } & {
  readonly [Field in IdField<R>]: Target | null
}

type TableWithIds = { [Name in TableName]: [IdField<Records[Name]>] extends [never] ? never : Name }[TableName]

type AllReferences = { readonly [Name in TableName]?: References<Records[Name]> } & {
  readonly [Name in TableWithIds]: References<Records[Name]>
}

const OF_USER = { user_id: 'users' } as const
const PAID = { owner_id: OWNER } as const
const MESSAGE = { user_id: null } as const

/** Every field that refers to a record. The compiler requires all those that are named like an id. */
const REFERENCES: AllReferences = {
  instance_settings: { creator_role_id: 'roles', domains_default_role_id: 'roles' },
  proxy_checks: { domain_id: 'domains' },
  users: {
    external_id: null,
    image_id: 'images',
    primary_email_address_id: 'email_addresses',
    primary_phone_number_id: 'phone_numbers',
    primary_web3_wallet_id: 'web3_wallets',
    default_organization_id: null,
  },
  email_addresses: OF_USER,
  phone_numbers: OF_USER,
  web3_wallets: OF_USER,
  passkeys: OF_USER,
  external_accounts: { ...OF_USER, provider_user_id: null },
  images: { owner_id: OWNER },
  organizations: { image_id: 'images', role_set_id: 'role_sets' },
  roles: { permissions: PERMISSION },
  role_sets: { role_ids: 'roles', default_role_id: 'roles', creator_role_id: 'roles' },
  memberships: { ...OF_USER, organization_id: 'organizations', role: ROLE },
  organization_invitations: { organization_id: 'organizations', inviter_id: null, user_id: null },
  organization_domains: { organization_id: 'organizations' },
  sessions: { ...OF_USER, client_id: 'clients', last_active_organization_id: null },
  actor_tokens: OF_USER,
  sign_in_tokens: { ...OF_USER, organization_id: null },
  machines: { scopes: 'machines' },
  oauth_applications: { client_id: null },
  oauth_grants: { client_id: APPLICATION, organization_id: null },
  oauth_refresh_tokens: { grant_id: 'oauth_grants' },
  oauth_tokens: { client_id: APPLICATION, grant_id: null },
  allowlist_identifiers: { invitation_id: 'invitations' },
  waitlist_entries: { invitation_id: 'invitations' },
  sign_ups: { external_id: null },
  subscriptions: PAID,
  subscription_items: { ...PAID, subscription_id: 'subscriptions', plan_id: 'plans' },
  statements: PAID,
  payment_attempts: { ...PAID, statement_id: 'statements', subscription_item_id: 'subscription_items' },
  saml_connections: { organization_id: 'organizations', idp_entity_id: null },
  emails: { ...MESSAGE, email_address_id: null },
  sms_messages: { ...MESSAGE, phone_number_id: null },
}
