import type { Machine } from '../model/machine.js'
import { newSecret } from '../model/ids.js'
import type { World } from '../state/world.js'

/** The machine with this secret key, current or rotated and still valid. */
export function machineWithSecret({ machines, now }: World, secretKey: string): Machine | undefined {
  return machines.all().find(({ secret_key, previous }) => {
    return secret_key === secretKey || (previous?.secret_key === secretKey && now() < previous.valid_until)
  })
}

/** @param previousTtlInSeconds how long the present key stays valid */
export function rotateMachineSecret({ machines, now }: World, machine: Machine, previousTtlInSeconds: number): Machine {
  const previous = { secret_key: machine.secret_key, valid_until: now() + previousTtlInSeconds * 1000 }
  return machines.update(machine.id, { secret_key: newSecret('ak'), previous })
}

/** Removes a machine, also from the scopes of others. */
export function removeMachine({ machines }: World, id: string): void {
  machines.remove(id)
  for (const { id: other, scopes } of machines.all())
    if (scopes.includes(id)) machines.update(other, { scopes: scopes.filter((scope) => scope !== id) })
}

/** The machine that the API under test runs as: `api`, otherwise the first that another may call, otherwise the first. */
export function receiverOf({ machines }: World): Machine {
  const all = machines.all()
  const called = all.flatMap(({ scopes }) => scopes)
  const receiver = machines.find('name', 'api') ?? all.find(({ id }) => called.includes(id)) ?? all[0]
  if (!receiver) throw new Error('the seed has no machine')
  return receiver
}
