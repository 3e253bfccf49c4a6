import { jsonAnswer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal, unknownReference } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import { DEFAULT_TOKEN_TTL_IN_SECONDS, type MachineRecord, type Machines } from '../tokens/machines.js'
import { inOrder, orderField, type SortKeys } from './order.js'
import { PAGE_FIELDS, pageAnswer } from './page.js'

const MAX_SCOPES = 150
const NAME = { type: 'string', min: 1, max: 255 } as const
const TTL = { type: 'integer', min: 1, max: 315_360_000 } as const

/** The machines of the instance, with their secret keys and scopes. */
export function machineApi(machines: Machines, instanceId: string): readonly Endpoint[] {
  const path = '/v1/machines'
  const json = (machine: MachineRecord) => machineJson(machine, machines, instanceId)

  /** @throws {Refusal} */
  function machineOf({ params: { machine_id: id = '' } }: EndpointRequest): MachineRecord {
    const machine = machines.byId(id)
    if (!machine) throw new Refusal('machine_not_found', `No machine was found with id ${id}`)
    return machine
  }

  return [
    {
      operation: 'ListMachines',
      method: 'GET',
      path,
      answer(request) {
        const { query, ...asked } = readQueryFields(request, LIST_FIELDS)
        const found = machines.all().filter((machine) => query === undefined || isFoundBy(query, machine))
        return pageAnswer(inOrder(found, SORT_KEYS, asked.order_by), asked, json)
      },
    },
    {
      operation: 'CreateMachine',
      method: 'POST',
      path,
      async answer(request) {
        const body = await readBodyFields(request, CREATE_FIELDS)
        const { name, scoped_machines: scopes = [], default_token_ttl: defaultTokenTtl } = body
        if (!scopes.every(machines.byId)) throw unknownReference('scoped_machines')
        const machine = machines.create({
          name,
          scopes: [...new Set(scopes)],
          defaultTokenTtl: defaultTokenTtl ?? DEFAULT_TOKEN_TTL_IN_SECONDS,
        })
        return jsonAnswer({ ...json(machine), secret_key: machine.secretKey })
      },
    },
    {
      operation: 'GetMachine',
      method: 'GET',
      path: `${path}/:machine_id`,
      answer: (request) => jsonAnswer(json(machineOf(request))),
    },
    {
      operation: 'UpdateMachine',
      method: 'PATCH',
      path: `${path}/:machine_id`,
      async answer(request) {
        const machine = machineOf(request)
        const { name = machine.name, default_token_ttl: ttl } = await readBodyFields(request, UPDATE_FIELDS)
        return jsonAnswer(json(machines.update(machine, { name, defaultTokenTtl: ttl ?? machine.defaultTokenTtl })))
      },
    },
    {
      operation: 'DeleteMachine',
      method: 'DELETE',
      path: `${path}/:machine_id`,
      answer(request) {
        const { id } = machineOf(request)
        machines.remove(id)
        return jsonAnswer({ object: 'machine', id, deleted: true })
      },
    },
    {
      operation: 'GetMachineSecretKey',
      method: 'GET',
      path: `${path}/:machine_id/secret_key`,
      answer: (request) => jsonAnswer(secretJson(machineOf(request))),
    },
    {
      operation: 'RotateMachineSecretKey',
      method: 'POST',
      path: `${path}/:machine_id/secret_key/rotate`,
      async answer(request) {
        const machine = machineOf(request)
        const { previous_token_ttl: ttl } = await readBodyFields(request, ROTATE_FIELDS)
        return jsonAnswer(secretJson(machines.rotateSecret(machine, ttl)))
      },
    },
    {
      operation: 'CreateMachineScope',
      method: 'POST',
      path: `${path}/:machine_id/scopes`,
      async answer(request) {
        const machine = machineOf(request)
        const { to_machine_id: to } = await readBodyFields(request, SCOPE_FIELDS)
        if (!machines.byId(to)) throw new Refusal('machine_not_found', `No machine was found with id ${to}`)
        if (machine.scopes.includes(to)) throw new Refusal('conflict', 'The machine already has this scope')
        if (machine.scopes.length >= MAX_SCOPES)
          throw new Refusal('form_param_array_size_exceeded', `scopes should not exceed ${MAX_SCOPES} items.`)
        const { updatedAt } = machines.update(machine, { scopes: [...machine.scopes, to] })
        return jsonAnswer({ ...scopeJson(machine.id, to), created_at: updatedAt })
      },
    },
    {
      operation: 'DeleteMachineScope',
      method: 'DELETE',
      path: `${path}/:machine_id/scopes/:other_machine_id`,
      answer(request) {
        const machine = machineOf(request)
        const { other_machine_id: other = '' } = request.params
        if (!machine.scopes.includes(other))
          throw new Refusal('resource_not_found', 'The machine does not have this scope')
        machines.update(machine, { scopes: machine.scopes.filter((scope) => scope !== other) })
        return jsonAnswer({ ...scopeJson(machine.id, other), deleted: true })
      },
    },
  ]
}

function isFoundBy(query: string, { id, name }: MachineRecord): boolean {
  return id === query || name.toLowerCase().includes(query.toLowerCase())
}

function machineJson(machine: MachineRecord, machines: Machines, instanceId: string) {
  const scoped = machine.scopes.flatMap((id) => machines.byId(id) ?? [])
  return { ...bareJson(machine, instanceId), scoped_machines: scoped.map((other) => bareJson(other, instanceId)) }
}

function bareJson({ id, name, createdAt, updatedAt, defaultTokenTtl }: MachineRecord, instanceId: string) {
  return {
    object: 'machine',
    id,
    name,
    instance_id: instanceId,
    created_at: createdAt,
    updated_at: updatedAt,
    default_token_ttl: defaultTokenTtl,
  }
}

function secretJson({ secretKey }: MachineRecord) {
  return { object: 'machine_secret_key', secret: secretKey }
}

function scopeJson(from: string, to: string) {
  return { object: 'machine_scope', from_machine_id: from, to_machine_id: to }
}

const SORT_KEYS: SortKeys<MachineRecord> = {
  name: ({ name }) => name,
  created_at: ({ createdAt }) => createdAt,
}

const LIST_FIELDS = {
  ...PAGE_FIELDS,
  query: { type: 'string' },
  order_by: orderField(SORT_KEYS),
} as const

const CREATE_FIELDS = {
  name: { ...NAME, required: true },
  scoped_machines: { type: 'strings', max: MAX_SCOPES },
  default_token_ttl: TTL,
} as const

const UPDATE_FIELDS = { name: NAME, default_token_ttl: TTL } as const
const ROTATE_FIELDS = { previous_token_ttl: { type: 'integer', required: true, min: 0, max: 28_800 } } as const
const SCOPE_FIELDS = { to_machine_id: { type: 'string', required: true } } as const
