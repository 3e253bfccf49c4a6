import { Refusal, unknownReference } from '../../api/errors.js'
import { newSecret } from '../../model/ids.js'
import { MAX_SCOPES, Machine, TOKEN_TTL } from '../../model/machine.js'
import { integer, list, object, optional, string } from '../../model/schema.js'
import { removeMachine, rotateMachineSecret } from '../../tokens/machine.js'
import { operation, type Call } from '../operation.js'
import { resource } from '../resource.js'

/** The machines of the instance, with their secret keys and scopes. */
const machine = resource('machines', {
  path: '/v1/machines',
  param: 'machine_id',
  missing: unknownMachine,
  answer: machineAnswer,
})

export const machines = [
  machine.list('ListMachines', {
    search: ['id', 'name'],
    order: { name: ({ name }) => name, created_at: ({ created_at }) => created_at },
    page: 'envelope',
  }),

  operation('CreateMachine', 'POST /v1/machines', {
    body: object({
      name: Machine.fields.name,
      scoped_machines: optional(list(string(), { max: MAX_SCOPES })),
      default_token_ttl: optional(TOKEN_TTL),
    }),
    run(call) {
      const { world, body } = call
      const { scoped_machines: scopes = [], ...fields } = body
      if (!scopes.every(world.machines.byId)) throw unknownReference('scoped_machines')
      const created = world.machines.add({ ...fields, scopes: [...new Set(scopes)], secret_key: newSecret('ak') })
      return { ...machineAnswer(created, call), secret_key: created.secret_key }
    },
  }),

  machine.get('GetMachine'),

  machine.update('UpdateMachine', {
    body: object({ name: optional(Machine.fields.name), default_token_ttl: optional(TOKEN_TTL) }),
    run: ({ id }, { world, body }) => world.machines.update(id, body),
  }),

  machine.remove('DeleteMachine', ({ id }, { world }) => removeMachine(world, id)),

  operation('GetMachineSecretKey', 'GET /v1/machines/{machine_id}/secret_key', {
    run: (call) => secretAnswer(machine.recordOf(call)),
  }),

  operation('RotateMachineSecretKey', 'POST /v1/machines/{machine_id}/secret_key/rotate', {
    body: object({ previous_token_ttl: integer({ min: 0, max: 28_800 }) }),
    run: (call) => secretAnswer(rotateMachineSecret(call.world, machine.recordOf(call), call.body.previous_token_ttl)),
  }),

  operation('CreateMachineScope', 'POST /v1/machines/{machine_id}/scopes', {
    body: object({ to_machine_id: string() }),
    run(call) {
      const { id, scopes } = machine.recordOf(call)
      const { to_machine_id: to } = call.body
      if (!call.world.machines.byId(to)) throw unknownMachine(to)
      if (scopes.includes(to)) throw new Refusal('conflict', 'The machine already has this scope')
      if (scopes.length >= MAX_SCOPES)
        throw new Refusal('form_param_array_size_exceeded', `scopes should not exceed ${MAX_SCOPES} items.`)
      const { updated_at } = call.world.machines.update(id, { scopes: [...scopes, to] })
      return { ...scopeAnswer(id, to), created_at: updated_at }
    },
  }),

  operation('DeleteMachineScope', 'DELETE /v1/machines/{machine_id}/scopes/{other_machine_id}', {
    run(call) {
      const { id, scopes } = machine.recordOf(call)
      const { other_machine_id: other = '' } = call.params
      if (!scopes.includes(other)) throw new Refusal('resource_not_found', 'The machine does not have this scope')
      call.world.machines.update(id, { scopes: scopes.filter((scope) => scope !== other) })
      return { ...scopeAnswer(id, other), deleted: true }
    },
  }),
]

function unknownMachine(id: string): Refusal {
  return new Refusal('machine_not_found', `No machine was found with id ${id}`)
}

function machineAnswer(record: Machine, { world, instance }: Call) {
  const scoped = record.scopes.flatMap((id) => world.machines.byId(id) ?? [])
  return { ...bareAnswer(record, instance.id), scoped_machines: scoped.map((other) => bareAnswer(other, instance.id)) }
}

function bareAnswer({ id, name, created_at, updated_at, default_token_ttl }: Machine, instance_id: string) {
  return { object: 'machine', id, name, instance_id, created_at, updated_at, default_token_ttl }
}

function secretAnswer({ secret_key }: Machine) {
  return { object: 'machine_secret_key', secret: secret_key }
}

function scopeAnswer(from: string, to: string) {
  return { object: 'machine_scope', from_machine_id: from, to_machine_id: to }
}
