import { idOf, secretOf } from '../model/ids.js'
import { DEFAULT_TEMPLATES } from '../outbox/default-templates.js'
import type { World } from '../state/world.js'
import { addBilling } from './billing.js'
import { SIGN_UP_DURATION_IN_MS } from '../model/sign-up.js'
import { seedProblem } from './check-seed.js'
import { defaultSeed } from './default-seed.js'
import type { Seed, SeedClient, SeedExternalAccount, SeedMachine, SeedOAuth, SeedPerson } from './seed.js'

type SeedRoleOrPermissions = NonNullable<Seed['roles']>[string]

/**
 * Adds the records of a seed to an empty world.
 *
 * @param secretKey of the instance, from which those of the machines are derived
 * @throws {TypeError} if the seed has the wrong shape, or refers to something that it does not define
 */
export function populate(world: World, seed: Seed, secretKey: string): void {
  const problem = seedProblem(seed)
  if (problem) throw new TypeError(problem.message)

  const roles = Object.entries<SeedRoleOrPermissions>(seed.roles ?? defaultSeed.roles).map(([key, role]) => ({
    key,
    ...('length' in role ? { permissions: role } : role),
  }))
  for (const key of new Set(roles.flatMap(({ permissions = [] }) => permissions)))
    world.permissions.add({ id: idOf('perm', key), key, name: permissionName(key) })
  for (const role of roles) world.roles.add({ id: idOf('role', role.key), name: roleName(role.key), ...role })
  for (const [slug, organization] of Object.entries(seed.organizations))
    world.organizations.add({ id: idOf('org', slug), slug, ...organization })
  for (const [name, person] of Object.entries(seed.people)) addPerson(world, name, person)
  for (const [name, machine] of Object.entries(seed.machines ?? defaultSeed.machines))
    addMachine(world, name, machine, secretKey)
  for (const [key, client] of Object.entries<SeedClient>(seed.clients ?? defaultSeed.clients))
    addClient(world, key, client)
  if (seed.oauth) addOAuthSettings(world, seed.oauth)
  addBilling(world, seed)
  for (const [i, { emailAddress, phoneNumber }] of (seed.signUps ?? []).entries())
    world.sign_ups.add({
      id: idOf('sua', String(i)),
      email_address: emailAddress?.toLowerCase(),
      phone_number: phoneNumber,
      abandon_at: world.now() + SIGN_UP_DURATION_IN_MS,
    })
  for (const template of DEFAULT_TEMPLATES)
    world.templates.add({ id: idOf('tmpl', `${template.template_type}:${template.slug}`), ...template })
  world.domains.add({ id: idOf('dmn', 'primary'), is_satellite: false })
  world.jwt_templates.add({ id: idOf('jtmp', 'api'), name: 'api', claims: {} })
}

function addPerson(world: World, name: string, person: SeedPerson): void {
  const { firstName, email, memberships = {}, defaultOrganization, wallets = [], totpSecret } = person
  const [id, emailId] = [idOf('user', name), idOf('idn', `${name}:${email}`)]
  world.users.add({
    id,
    local_name: name,
    first_name: firstName,
    primary_email_address_id: emailId,
    primary_web3_wallet_id: wallets.length === 0 ? null : walletId(name, 0),
    default_organization_id: defaultOrganization === undefined ? null : idOf('org', defaultOrganization),
    totp_secret: totpSecret,
    backup_codes: person.backupCodes,
    mfa_enabled_at: totpSecret === undefined ? null : world.now(),
  })
  world.email_addresses.add({ id: emailId, user_id: id, email_address: email })
  for (const [slug, role] of Object.entries(memberships))
    world.memberships.add({
      id: idOf('orgmem', `${name}:${slug}`),
      user_id: id,
      organization_id: idOf('org', slug),
      role,
    })
  addAccounts(world, name, person)
}

/** What people add to their account themselves: no operation creates it. */
function addAccounts(world: World, name: string, person: SeedPerson): void {
  const { passkeys = [], wallets = [], externalAccounts = [] } = person
  const user_id = idOf('user', name)
  for (const [i, passkey] of passkeys.entries())
    world.passkeys.add({ id: idOf('idn', `${name}:passkey:${i}`), user_id, name: passkey })
  for (const [i, wallet] of wallets.entries())
    world.web3_wallets.add({ id: walletId(name, i), user_id, web3_wallet: wallet })
  for (const [i, account] of externalAccounts.entries()) addExternalAccount(world, name, i, account, person)
}

function walletId(name: string, index: number): string {
  return idOf('idn', `${name}:wallet:${index}`)
}

function addExternalAccount(
  world: World,
  name: string,
  index: number,
  account: SeedExternalAccount,
  { email, firstName }: SeedPerson,
): void {
  const id = idOf('eac', `${name}:${index}`)
  world.external_accounts.add({
    id,
    user_id: idOf('user', name),
    provider: account.provider,
    provider_user_id: account.providerUserId ?? id.replace(/^eac_/, ''),
    email_address: account.emailAddress ?? email,
    first_name: firstName,
    approved_scopes: account.scopes,
    token: account.token,
    token_expires_at: account.tokenExpiresAt,
  })
}

function addMachine(world: World, name: string, machine: SeedMachine, secretKey: string): void {
  const { scopes = [], defaultTokenTtl } = machine
  world.machines.add({
    id: idOf('mch', name),
    name,
    secret_key: secretOf('ak', secretKey, name),
    scopes: scopes.map((scope) => idOf('mch', scope)),
    default_token_ttl: defaultTokenTtl,
  })
}

function addClient(
  world: World,
  key: string,
  { name, redirectUris, scopes, secret, accessTokens, clientId }: SeedClient,
): void {
  world.oauth_applications.add({
    id: idOf('oa', key),
    local_name: key,
    name,
    client_id: clientId ?? idOf('client', key),
    client_secret: secret,
    public: secret === undefined,
    redirect_uris: redirectUris,
    scopes: scopes?.join(' '),
    access_token_format: accessTokens,
    admission: clientId === undefined ? undefined : 'explicit',
  })
}

function addOAuthSettings(world: World, { scopes, defaultScopes, dynamicRegistration, accessTokens }: SeedOAuth): void {
  world.instance_settings.add({
    oauth_scopes: scopes,
    default_scopes: defaultScopes,
    dynamic_oauth_client_registration: dynamicRegistration,
    oauth_jwt_access_tokens: accessTokens === undefined ? undefined : accessTokens === 'jwt',
  })
}

/** `Billing manager` for `org:billing_manager`. */
function roleName(role: string): string {
  const words = role.replace(/^org:/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `Invoices read` for `org:invoices:read`. */
function permissionName(key: string): string {
  return roleName(key.replaceAll(':', '_').replace(/^org_/, ''))
}
