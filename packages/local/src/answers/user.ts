import type { User } from '../model/user.js'
import { activityOf } from '../people/activity.js'
import { hasSecondFactor, lockLeftInMs } from '../people/user.js'
import type { World } from '../state/world.js'
import {
  emailAddressAnswer,
  externalAccountAnswer,
  passkeyAnswer,
  phoneNumberAnswer,
  web3WalletAnswer,
} from './identification.js'
import { imageFields } from './image.js'
import { DAY_IN_MS } from '../support/durations.js'

export function userAnswer(user: User, world: World) {
  const { lastSignInAt, lastActiveAt } = activityOf(world, user.id)
  const lockLeft = lockLeftInMs(user, world.now())
  return {
    object: 'user',
    id: user.id,
    external_id: user.external_id,
    username: user.username,
    first_name: user.first_name,
    last_name: user.last_name,
    locale: user.locale,
    ...imageFields(world, user),
    primary_email_address_id: user.primary_email_address_id,
    primary_phone_number_id: user.primary_phone_number_id,
    primary_web3_wallet_id: user.primary_web3_wallet_id,
    email_addresses: world.email_addresses.where('user_id', user.id).map(emailAddressAnswer),
    phone_numbers: world.phone_numbers.where('user_id', user.id).map(phoneNumberAnswer),
    web3_wallets: world.web3_wallets.where('user_id', user.id).map(web3WalletAnswer),
    passkeys: world.passkeys.where('user_id', user.id).map(passkeyAnswer),
    external_accounts: world.external_accounts.where('user_id', user.id).map(externalAccountAnswer),
    saml_accounts: [],
    enterprise_accounts: [],
    public_metadata: user.public_metadata,
    private_metadata: user.private_metadata,
    unsafe_metadata: user.unsafe_metadata,
    password_enabled: user.password !== null,
    password_last_updated_at: user.password_last_updated_at,
    two_factor_enabled: hasSecondFactor(world, user),
    totp_enabled: user.totp_secret !== null,
    backup_code_enabled: user.backup_codes.length > 0,
    mfa_enabled_at: user.mfa_enabled_at,
    mfa_disabled_at: user.mfa_disabled_at,
    banned: user.banned,
    locked: lockLeft > 0,
    deprovisioned: false,
    lockout_expires_in_seconds: lockLeft > 0 ? Math.ceil(lockLeft / 1000) : null,
    verification_attempts_remaining: null,
    delete_self_enabled: user.delete_self_enabled,
    create_organization_enabled: user.create_organization_enabled,
    create_organizations_limit: user.create_organizations_limit,
    legal_accepted_at: user.legal_accepted_at,
    bypass_client_trust: user.bypass_client_trust,
    last_sign_in_at: lastSignInAt,
    // Clerk notes only the day.
    last_active_at: lastActiveAt === null ? null : Math.floor(lastActiveAt / DAY_IN_MS) * DAY_IN_MS,
    created_at: user.created_at,
    updated_at: user.updated_at,
  }
}
