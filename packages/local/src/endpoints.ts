import { apiKeyApi } from './backend-api/api-key-api.js'
import { communityApi } from './backend-api/community-api.js'
import { getJwks } from './backend-api/get-jwks.js'
import { interstitialApi } from './backend-api/interstitial-api.js'
import { m2mTokenApi } from './backend-api/m2m-token-api.js'
import { machineApi } from './backend-api/machine-api.js'
import { svixApi } from './backend-api/svix-api.js'
import { verifyApiKey } from './backend-api/verify-api-key.js'
import { verifyM2MToken } from './backend-api/verify-m2m-token.js'
import { verifyOAuthAccessToken } from './backend-api/verify-oauth-access-token.js'
import { browserPage } from './browser-page.js'
import { createDescription, describeToken } from './control/describe-token.js'
import { directoryApi } from './control/directory-api.js'
import { explainApi } from './control/explain-api.js'
import { MINT_PATHS, mintToken } from './control/mint-token.js'
import type { Endpoint } from './api/endpoint.js'
import type { LocalEnv } from './local-clerk.js'
import type { Instance } from './instance/instance.js'
import type { Mint } from './instance/mint.js'
import { webhookApi } from './webhooks/webhook-api.js'

/** The endpoints of Clerk's Backend API, and the public key set. */
export function clerkEndpoints(instance: Instance, mint: Mint, env: () => LocalEnv): readonly Endpoint[] {
  const { id, identity, keys, community, machines } = instance
  const { now } = instance.clock
  const verification = { isSubject: instance.isSubject, now, settings: instance.settings }
  const isMachine = (id: string) => machines.byId(id) !== undefined
  const m2mApi = { tokens: instance.m2mTokens, machines, keys, ...verification, isSubject: isMachine }
  const keysApi = { keys: instance.apiKeys, ...verification }
  return [
    ...getJwks(keys),
    ...machineApi(machines, id),
    ...m2mTokenApi(m2mApi, mint),
    ...verifyM2MToken(m2mApi),
    ...verifyOAuthAccessToken({ tokens: instance.oauthTokens, keys, ...verification }),
    ...apiKeyApi(keysApi),
    ...verifyApiKey(keysApi),
    ...communityApi(community, mint, identity.algorithm),
    ...svixApi(instance.svixApps, now, () => env().CLERK_FAPI),
    interstitialApi(() => env().CLERK_PUBLISHABLE_KEY),
  ]
}

/** The instance's own endpoints under `/_local`, and its page. */
export function localEndpoints(instance: Instance, mint: Mint, env: () => LocalEnv): readonly Endpoint[] {
  const { identity, settings, clock, keys, community, machines, receiver, m2mTokens, oauthTokens, apiKeys } = instance
  const descriptionOf = createDescription(opaqueToken, clock.now, settings)
  const url = () => env().CLERK_FAPI

  /** Tokens of deleted subjects are treated as unknown. */
  function opaqueToken(token: string) {
    const found = m2mTokens.byToken(token) ?? oauthTokens.byToken(token) ?? apiKeys.byToken(token)
    return found && instance.isSubject(found.subject) ? found : undefined
  }

  return [
    mintToken(MINT_PATHS.session, mint.sessionToken),
    mintToken(MINT_PATHS.m2m, mint.m2mToken),
    mintToken(MINT_PATHS.oauth, mint.oauthToken),
    mintToken(MINT_PATHS.apiKey, mint.apiKey),
    mintToken(MINT_PATHS.template, mint.templateToken),
    describeToken(descriptionOf),
    explainApi({
      keys: () => ({
        from: 'set',
        keys: keys.published.map(({ publicJwk }) => publicJwk),
        where: `${url()}/.well-known/jwks.json`,
      }),
      describe: descriptionOf,
      url,
      machineId: () => receiver.id,
    }),
    directoryApi({
      clock,
      keys,
      community,
      machines,
      tokens: () => [
        ['m2m_token', m2mTokens.records.all()],
        ['oauth_token', oauthTokens.records.all()],
        ['api_key', apiKeys.records.all()],
      ],
      url,
      env,
    }),
    ...webhookApi(instance.webhooks),
    ...browserPage(identity.host),
  ]
}
