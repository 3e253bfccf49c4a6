import { idOf, newId, newSecret, secretOf } from '../state/ids.js'
import { createRecords, type Records } from '../state/records.js'
import { find, type SeedMachine } from '../seed/seed.js'

/** The current state of a machine. */
export interface Machine {
  readonly name: string
  /** `mch_…` */
  readonly id: string
  /** `ak_…`, the newest */
  readonly secretKey: string
  /** ids of the machines that it may call */
  readonly scopes: readonly string[]
  /** seconds */
  readonly defaultTokenTtl: number
}

export interface MachineRecord extends Machine {
  /** the rotated key, valid until `validUntil` in milliseconds since the epoch */
  readonly previous: { readonly secretKey: string; readonly validUntil: number } | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type MachineChanges = Partial<Pick<MachineRecord, 'name' | 'defaultTokenTtl' | 'scopes'>>

/** The machines of an instance, initially those of the seed. */
export interface Machines extends Pick<Records<MachineRecord>, 'all' | 'byId' | 'remove'> {
  readonly records: Records<MachineRecord>
  /** the machine with this secret key, current or rotated and still valid */
  readonly bySecret: (secretKey: string) => MachineRecord | undefined
  /** @throws {TypeError} if no machine has this name or id */
  readonly named: (nameOrId: string) => MachineRecord
  readonly create: (machine: Pick<MachineRecord, 'name' | 'defaultTokenTtl' | 'scopes'>) => MachineRecord
  readonly update: (machine: MachineRecord, changes: MachineChanges) => MachineRecord
  readonly rotateSecret: (machine: MachineRecord, previousTtlInSeconds: number) => MachineRecord
}

export const DEFAULT_TOKEN_TTL_IN_SECONDS = 3600

/** @param secretKey of the instance, from which those of the seed's machines are derived */
export function createMachines(
  seed: Readonly<Record<string, SeedMachine>>,
  secretKey: string,
  now: () => number,
): Machines {
  const startedAt = now()
  const first = Object.entries(seed).map<MachineRecord>(
    ([name, { scopes = [], defaultTokenTtl = DEFAULT_TOKEN_TTL_IN_SECONDS }]) => ({
      name,
      id: idOf('mch', name),
      secretKey: secretOf('ak', secretKey, name),
      scopes: scopes.map((scope) => idOf('mch', scope)),
      defaultTokenTtl,
      previous: null,
      createdAt: startedAt,
      updatedAt: startedAt,
    }),
  )
  const records = createRecords(first)
  const { all, byId, set, remove } = records

  return {
    all,
    byId,
    bySecret: (secretKey) => all().find((machine) => hasSecret(machine, secretKey, now())),
    named: (nameOrId) => find('machine', nameOrId, byName(all())),
    create: (machine) =>
      set({
        ...machine,
        id: newId('mch'),
        secretKey: newSecret('ak'),
        previous: null,
        createdAt: now(),
        updatedAt: now(),
      }),
    update: (machine, changes) => set({ ...machine, ...changes, updatedAt: now() }),
    rotateSecret: (machine, previousTtlInSeconds) =>
      set({
        ...machine,
        secretKey: newSecret('ak'),
        previous: { secretKey: machine.secretKey, validUntil: now() + previousTtlInSeconds * 1000 },
        updatedAt: now(),
      }),
    remove(id) {
      remove(id)
      for (const machine of all())
        if (machine.scopes.includes(id)) set({ ...machine, scopes: machine.scopes.filter((scope) => scope !== id) })
    },
    records,
  }
}

/** The public fields of the machines, by name. */
export function viewOf(machines: Machines): Readonly<Record<string, Machine>> {
  const entries = [...byName(machines.all())].map(([name, { id, secretKey, scopes, defaultTokenTtl }]) => {
    const machine: Machine = { name, id, secretKey, scopes: Object.freeze([...scopes]), defaultTokenTtl }
    return [name, Object.freeze(machine)] as const
  })
  return Object.freeze(Object.fromEntries(entries))
}

/** Names need not be unique: the oldest machine with a name keeps it. */
function byName(machines: readonly MachineRecord[]): ReadonlyMap<string, MachineRecord> {
  const names = new Map<string, MachineRecord>()
  for (const machine of machines) if (!names.has(machine.name)) names.set(machine.name, machine)
  return names
}

/** The machine that the API under test runs as: `api`, otherwise the first that another may call, otherwise the first. */
export function receiverOf(machines: Machines): MachineRecord {
  const all = machines.all()
  const called = all.flatMap(({ scopes }) => scopes)
  const receiver = all.find(({ name }) => name === 'api') ?? all.find(({ id }) => called.includes(id)) ?? all[0]
  if (!receiver) throw new Error('the seed has no machine')
  return receiver
}

function hasSecret({ secretKey, previous }: MachineRecord, presented: string, now: number): boolean {
  return secretKey === presented || (previous?.secretKey === presented && now < previous.validUntil)
}
