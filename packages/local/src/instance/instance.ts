import { Refusal } from '../api/errors.js'
import { envOf, type LocalEnv } from './env.js'
import { settleBilling } from '../billing/item-changes.js'
import { trackActivity } from '../people/activity.js'
import { createDirectory, type Directory } from '../people/directory.js'
import { checkReferences } from '../people/references.js'
import { populate } from '../seed/populate.js'
import { createClock, type ResettableClock } from '../state/clock.js'
import type { DataFile } from '../state/data-file.js'
import { storedChange, storedChanges, storedSnapshot } from '../state/stored-world.js'
import { createWorld, type TableChange, type World } from '../state/world.js'
import { createKeyRing, openKeyRing, type KeyRing } from '../tokens/keys.js'
import { receiverOf } from '../tokens/machine.js'
import type { Machine } from '../model/machine.js'
import type { WebhookEndpointInput } from '../webhooks/webhook-endpoint.js'
import { watchWorld } from '../webhooks/webhook-source.js'
import { createWebhooks, type Webhooks } from '../webhooks/webhooks.js'
import type { Identity } from './identity.js'
import { createMint, type Mint } from './mint.js'
import { settingsOf, type LocalSettings } from '../model/settings.js'

/** An instance, independent of HTTP. */
export interface Instance {
  /** `ins_local…`, the id of the first key, which does not change when keys are rotated */
  readonly id: string
  readonly identity: Identity
  readonly settings: Required<LocalSettings>
  readonly clientDocuments: ClientDocuments | undefined
  readonly clock: ResettableClock
  readonly world: World
  readonly directory: Directory
  readonly keys: KeyRing
  readonly mint: Mint
  /** the machine that the API under test runs as, in its state at start */
  readonly apiMachine: Machine
  readonly webhooks: Webhooks
  /** what an API needs to know of the instance */
  readonly env: () => LocalEnv
  /** Saves the records and all later changes in the data file, if there is one. */
  readonly save: (port: number) => void
  /**
   * Restores the initial records and the clock.
   *
   * @throws {Refusal} if the data file cannot be written
   */
  readonly reset: () => void
}

/** How metadata documents of OAuth clients are read. */
export interface ClientDocuments {
  /** the certificate, as PEM, of the authority that issued the certificates of their servers */
  readonly ca: string
}

export interface InstanceOptions {
  readonly now?: (() => number) | undefined
  readonly settings?: LocalSettings | undefined
  readonly webhooks?: readonly WebhookEndpointInput[] | undefined
  readonly clientDocuments?: ClientDocuments | undefined
}

/**
 * Creates an instance in its initial state, or in that of the data file. Does not write to the file yet.
 *
 * @param url of the instance, once it listens
 * @throws {TypeError} if an option is invalid, or the seed refers to something that it does not define
 */
export async function createInstance(
  identity: Identity,
  options: InstanceOptions,
  data: DataFile | undefined,
  url: () => string,
): Promise<Instance> {
  const settings = settingsOf(options.settings)
  const clock = createClock(options.now ?? Date.now, () => settleBilling(world))
  let isSaved = false
  const world = createWorld({
    now: clock.now,
    url,
    store: (changes) => {
      if (data && isSaved) writeChanges(data, changes)
    },
  })
  populate(world, identity.seed, identity.secretKey)
  const seeded = world.snapshot()
  const seededMachine = receiverOf(world)

  const stored = data && storedSnapshot(data)
  if (stored) {
    world.replace(stored)
    checkReferences(world)
  }
  const apiMachine = world.machines.byId(seededMachine.id) ?? seededMachine
  const keys = await (stored ? openKeyRing : createKeyRing)(world, identity.algorithm)
  const first = world.signing_keys.all()[0]!
  const directory = createDirectory(world)
  const webhooks = createWebhooks({
    secret: identity.webhookSecret,
    instanceId: first.id,
    world,
    atStart: options.webhooks,
  })
  trackActivity(world)
  watchWorld(world, webhooks.emit)

  return {
    id: first.id,
    identity,
    settings,
    clientDocuments: options.clientDocuments,
    clock,
    world,
    directory,
    keys,
    mint: createMint({ world, directory, keys, algorithm: identity.algorithm, settings }),
    apiMachine,
    webhooks,
    env: () => envOf(identity, apiMachine, url()),
    save(port) {
      if (!data) return
      const start = { kind: 'instance', id: identity.id, record: { ...identity, port } }
      if (stored) data.write([start])
      else data.begin([start, ...storedChanges(world.snapshot())])
      isSaved = true
    },
    reset() {
      // First, because it may be refused.
      world.replace({ ...seeded, signing_keys: [{ ...first, is_published: true, is_current: true }] })
      clock.reset()
      webhooks.reset()
    },
  }
}

/** @throws {Refusal} if the file cannot be written: a change that would be lost is not made */
function writeChanges(data: DataFile, changes: readonly TableChange[]): void {
  try {
    data.write(changes.map(storedChange))
  } catch (error) {
    throw new Refusal('service_unavailable', (error as Error).message)
  }
}
