import type { Endpoint } from './api/endpoint.js'
import { browserPage } from './browser-page.js'
import { describeToken } from './control/describe-token.js'
import { directoryApi } from './control/directory-api.js'
import { explainApi } from './control/explain-api.js'
import { MINT_PATHS, mintToken } from './control/mint-token.js'
import { operationsApi } from './control/operations-api.js'
import { outboxApi } from './control/outbox-api.js'
import { recordsApi } from './control/records-api.js'
import { servedImage } from './operations/images/served-image.js'
import type { Instance } from './instance/instance.js'
import { publicJwks } from './operations/sessions/jwks.js'
import { endpointsOf } from './operations/operation.js'
import { OPERATIONS } from './operations/operations.js'
import { acceptTicket } from './operations/sessions/tickets.js'
import { createDescription } from './tokens/describe-token.js'
import { opaqueTokenOf } from './tokens/opaque-token.js'
import { authorizationServer } from './oauth/server.js'
import { webhookApi } from './control/webhook-api.js'

/** The endpoints of Clerk's Backend API, and those that Clerk serves elsewhere: the public key set, tickets, images, OAuth. */
export function clerkEndpoints(instance: Instance): readonly Endpoint[] {
  return [
    ...OPERATIONS.flatMap((operation) => endpointsOf(operation, instance)),
    publicJwks(instance),
    acceptTicket(instance),
    servedImage(instance),
    ...authorizationServer(instance),
  ]
}

/** The instance's own endpoints under `/_local`, and its page. */
export function localEndpoints(instance: Instance): readonly Endpoint[] {
  const { world, identity, settings, keys, apiMachine, mint } = instance
  const descriptionOf = createDescription((token) => opaqueTokenOf(world, token), world.now, settings)

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
        where: `${world.url()}/.well-known/jwks.json`,
      }),
      describe: descriptionOf,
      url: world.url,
      machineId: () => apiMachine.id,
    }),
    directoryApi(instance),
    operationsApi(),
    ...outboxApi(world),
    ...recordsApi(world),
    ...webhookApi(instance.webhooks),
    ...browserPage(identity.host),
  ]
}
