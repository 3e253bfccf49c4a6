import type { EmailAddress, ExternalAccount, Passkey, PhoneNumber, Web3Wallet } from '../model/identification.js'

export function emailAddressAnswer(address: EmailAddress) {
  return {
    object: 'email_address',
    email_address: address.email_address,
    matches_sso_connection: false,
    ...identificationFields(address),
  }
}

export function phoneNumberAnswer(number: PhoneNumber) {
  return {
    object: 'phone_number',
    phone_number: number.phone_number,
    reserved_for_second_factor: number.reserved_for_second_factor,
    default_second_factor: number.default_second_factor,
    backup_codes: number.backup_codes,
    ...identificationFields(number),
  }
}

export function web3WalletAnswer(wallet: Web3Wallet) {
  const { id, created_at, updated_at } = wallet
  return {
    object: 'web3_wallet',
    id,
    web3_wallet: wallet.web3_wallet,
    verification: verificationOf(wallet),
    created_at,
    updated_at,
  }
}

export function passkeyAnswer({ id, name, created_at }: Passkey) {
  const verification = {
    object: 'verification_passkey',
    status: 'verified',
    strategy: 'passkey',
    attempts: null,
    expire_at: null,
  }
  return { object: 'passkey', id, name, last_used_at: created_at, verification }
}

export function externalAccountAnswer({ id, provider, provider_user_id, ...account }: ExternalAccount) {
  return {
    object: 'external_account',
    id,
    provider,
    identification_id: id,
    provider_user_id,
    approved_scopes: account.approved_scopes.join(' '),
    email_address: account.email_address,
    first_name: account.first_name,
    last_name: account.last_name,
    username: account.username,
    public_metadata: account.public_metadata,
    label: null,
    verification: {
      object: 'verification_oauth',
      status: 'verified',
      strategy: provider,
      attempts: null,
      expire_at: 0,
    },
    created_at: account.created_at,
    updated_at: account.updated_at,
  }
}

type Identification = EmailAddress | PhoneNumber

function identificationFields(identification: Identification) {
  const { id, verified, created_at, updated_at } = identification
  return {
    id,
    reserved: !verified,
    verification: verificationOf(identification),
    linked_to: [],
    created_at,
    updated_at,
  }
}

function verificationOf({ verified }: Pick<Identification, 'verified'>) {
  if (!verified) return null
  return { object: 'verification_admin', status: 'verified', strategy: 'admin', attempts: null, expire_at: null }
}
