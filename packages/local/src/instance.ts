import type { SvixApp } from './backend-api/svix-api.js'
import { checkReferences, createCommunity, type Community } from './people/community.js'
import { populate } from './seed/seed.js'
import { settingsOf, type LocalSettings } from './settings.js'
import type { StoredApiKey } from './tokens/api-key.js'
import { createKeyRing, type KeyRecord, type KeyRing } from './tokens/keys.js'
import type { StoredM2MToken } from './tokens/m2m-token.js'
import { createMachines, receiverOf, type Machine, type Machines } from './tokens/machines.js'
import type { StoredOAuthToken } from './tokens/oauth-token.js'
import { createIsSubject, type IsSubject } from './tokens/subjects.js'
import { createTokenStore, type TokenStore } from './tokens/token-store.js'
import type { WebhookEndpointInput } from './webhooks/webhook-endpoint.js'
import { watchCommunity } from './webhooks/webhook-source.js'
import { createWebhooks, type Webhooks } from './webhooks/webhooks.js'
import { createClock, type ResettableClock } from './state/clock.js'
import type { DataFile } from './state/data-file.js'
import type { Identity } from './state/identity.js'
import { storedRecords } from './state/keep-records.js'
import type { Kind } from './state/stored-shapes.js'
import { createRecords, type Records } from './state/records.js'

/** The state of an instance, independent of HTTP. */
export interface Instance {
  /** `ins_local…`, the id of the first key, which does not change when keys are rotated */
  readonly id: string
  readonly identity: Identity
  readonly settings: Required<LocalSettings>
  readonly clock: ResettableClock
  readonly keys: KeyRing
  readonly community: Community
  readonly machines: Machines
  /** the machine that the API under test runs as, in its state at start */
  readonly receiver: Machine
  readonly m2mTokens: TokenStore<StoredM2MToken>
  readonly oauthTokens: TokenStore<StoredOAuthToken>
  readonly apiKeys: TokenStore<StoredApiKey>
  readonly isSubject: IsSubject
  readonly svixApps: Records<SvixApp>
  readonly webhooks: Webhooks
  /** Calls `act` for each kind of record that a data file stores. */
  readonly eachStored: (act: ActOnRecords) => void
}

type ActOnRecords = <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void

export interface InstanceOptions {
  readonly now?: (() => number) | undefined
  readonly settings?: LocalSettings | undefined
  readonly webhooks?: readonly WebhookEndpointInput[] | undefined
}

/**
 * Creates an instance in its initial state, or in that of the data file. Does not write to the file yet.
 *
 * @throws {TypeError} if an option is invalid, or the seed refers to something that it does not define
 */
export async function createInstance(
  identity: Identity,
  options: InstanceOptions,
  data: DataFile | undefined,
): Promise<Instance> {
  const { algorithm, seed, secretKey, webhookSecret } = identity
  const settings = settingsOf(options.settings)
  const clock = createClock(options.now ?? Date.now)
  const { now } = clock
  const stored = data && (storedRecords(data, 'key') as readonly KeyRecord[] | undefined)
  const keys = await createKeyRing(algorithm, { stored })
  const id = keys.records.all()[0]!.id
  const community = createCommunity(populate(seed), now)
  const machines = createMachines(community.directory.population.machines, secretKey, now)
  const seededReceiver = receiverOf(machines)
  const m2mTokens = createTokenStore<StoredM2MToken>()
  const oauthTokens = createTokenStore<StoredOAuthToken>()
  const apiKeys = createTokenStore<StoredApiKey>()
  const svixApps = createRecords<SvixApp>()
  const webhooks = createWebhooks({ secret: webhookSecret, instanceId: id, now, first: options.webhooks })

  function eachStored(act: ActOnRecords): void {
    act('key', keys.records)
    act('user', community.directory.users)
    act('organization', community.directory.organizations)
    act('membership', community.directory.memberships)
    act('session', community.sessions.records)
    act('client', community.sessions.clients)
    act('template', community.templates)
    act('ticket', community.tickets)
    act('machine', machines.records)
    act('m2m_token', m2mTokens.records)
    act('oauth_token', oauthTokens.records)
    act('api_key', apiKeys.records)
    act('svix_app', svixApps)
    act('webhook', webhooks.added)
  }

  if (data) {
    eachStored(<T extends { readonly id: string }>(kind: Kind, records: Records<T>) => {
      const before = storedRecords(data, kind) as readonly T[] | undefined
      if (before) records.replace(before)
    })
    checkReferences(community)
  }
  watchCommunity(community, webhooks.emit)
  const receiver = machines.byId(seededReceiver.id) ?? seededReceiver
  const isSubject = createIsSubject(community.directory, machines)
  const stores = { m2mTokens, oauthTokens, apiKeys, svixApps }
  return {
    id,
    identity,
    settings,
    clock,
    keys,
    community,
    machines,
    receiver,
    isSubject,
    ...stores,
    webhooks,
    eachStored,
  }
}
