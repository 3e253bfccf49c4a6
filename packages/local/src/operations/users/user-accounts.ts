import { Refusal } from '../../api/errors.js'
import type { ExternalAccount } from '../../model/identification.js'
import { TABLES, type Records } from '../../model/tables.js'
import { sendEmail } from '../../outbox/send.js'
import { changeUser, removeIdentification } from '../../people/identification.js'
import { primaryEmailOf } from '../../people/user.js'
import type { Tables, World } from '../../state/world.js'
import { operation, type Call } from '../operation.js'
import { BARE_PAGE, barePage } from '../page.js'
import { userOf } from './user.js'

/** Passkeys, wallets and accounts of other providers, which users add themselves in Clerk's components. */
export const userAccounts = [
  operation('UserPasskeyDelete', 'DELETE /v1/users/{user_id}/passkeys/{passkey_identification_id}', {
    run(call) {
      const { world } = call
      const user = userOf(call)
      const { id, name } = belonging(call, 'passkeys', 'passkey_identification_id')
      changeUser(world, user, () => {
        world.passkeys.remove(id)
        return {}
      })
      const email = primaryEmailOf(world, user)
      if (email)
        sendEmail(world, {
          slug: 'passkey_removed',
          to_email_address: email.email_address,
          email_address_id: email.id,
          user_id: user.id,
          data: {
            passkey_name: name,
            greeting_name: user.first_name,
            primary_email_address: email.email_address,
          },
        })
      return { object: 'passkey', id, deleted: true }
    },
  }),

  deletion('UserWeb3WalletDelete', 'web3_wallets', 'web3_wallet_identification_id'),

  deletion('DeleteExternalAccount', 'external_accounts', 'external_account_id'),

  operation('GetOAuthAccessToken', 'GET /v1/users/{user_id}/oauth_access_tokens/{provider}', {
    query: BARE_PAGE,
    run(call) {
      const { world, params, query } = call
      const accounts = world.external_accounts
        .where('user_id', userOf(call).id)
        .filter(({ provider }) => provider === params.provider)
      return barePage(accounts.toReversed(), query, (account) => accessToken(account, world))
    },
  }),
]

function deletion(id: string, table: 'web3_wallets' | 'external_accounts', param: string) {
  return operation(id, `DELETE /v1/users/{user_id}/${table}/{${param}}`, {
    run(call) {
      const user = userOf(call)
      const { id: ownId } = belonging(call, table, param)
      removeIdentification(call.world, user, table, ownId)
      return { object: TABLES[table].object, id: ownId, deleted: true }
    },
  })
}

/** @throws {Refusal} if the user in the path has no such record */
function belonging<Name extends 'passkeys' | 'web3_wallets' | 'external_accounts'>(
  { world, params }: { readonly world: Tables; readonly params: Call['params'] },
  table: Name,
  param: string,
): Records[Name] {
  const found = world[table].byId(params[param] ?? '')
  if (!found || found.user_id !== params.user_id) throw new Refusal('identification_not_found')
  return found
}

/** @throws {Refusal} if the provider's token is missing or has expired: there are no refresh tokens here */
function accessToken(account: ExternalAccount, { now }: World) {
  const { id, provider, provider_user_id, public_metadata, token, token_expires_at, approved_scopes } = account
  if (token === null) throw new Refusal('oauth_missing_access_token')
  if (token_expires_at !== null && token_expires_at <= now()) throw new Refusal('oauth_missing_refresh_token')
  return {
    object: 'oauth_access_token',
    external_account_id: id,
    provider_user_id,
    token,
    expires_at: token_expires_at,
    provider,
    public_metadata,
    label: null,
    scopes: approved_scopes,
  }
}
