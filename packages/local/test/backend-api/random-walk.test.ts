import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identityOf } from '../../src/instance/identity.js'
import { createInstance } from '../../src/instance/instance.js'
import { endpointsOf, type Operation } from '../../src/operations/operation.js'
import { OPERATIONS } from '../../src/operations/operations.js'
import { checkReferences } from '../../src/people/references.js'
import { openDataFile } from '../../src/state/data-file.js'
import type { Snapshot, World } from '../../src/state/world.js'
import { newFolder } from '../data-files.js'
import { call, randomCall, randomOf, type Random } from './random-call.js'

const STEPS = 600

async function open(file: string) {
  const data = openDataFile(file)
  const identity = identityOf({ algorithm: 'ES256' }, data)
  const instance = await createInstance(identity, {}, data, () => 'http://127.0.0.1:4010')
  return { data, instance, identity }
}

/** Some operations undo what others need, so they are rarer. */
function isChosen({ id }: Operation, random: Random): boolean {
  if (/^Delete(User|Organization)$/.test(id)) return random.chance(0.1)
  return id !== 'UpdateInstanceOrganizationSettings' && (!/^Delete|ReplaceRoleSet/.test(id) || random.chance(0.5))
}

/** The tables whose records, or their order, are not the same. */
function changedTables(before: Snapshot, after: Snapshot): readonly string[] {
  const all: Readonly<Record<string, readonly object[]>> = after
  return Object.entries<readonly object[]>(before).flatMap(([table, records]) => {
    const now = all[table] ?? []
    const isSame = now.length === records.length && records.every((record, i) => record === now[i])
    return isSame ? [] : [table]
  })
}

/** Records that nothing refers to any more, and values that must be unique but are not. */
function inconsistencies(world: World): readonly string[] {
  const ownerOf = (id: string) => world.users.byId(id) ?? world.organizations.byId(id)
  const repeated = (name: string, values: readonly (string | null)[]) => {
    const present = values.filter((value) => value !== null)
    return new Set(present).size === present.length ? [] : [`${name} is not unique`]
  }
  return [
    ...world.images.all().flatMap(({ id, owner_id }) => (ownerOf(owner_id)?.image_id === id ? [] : [`unused ${id}`])),
    ...world.clients.all().flatMap(({ id }) => (world.sessions.find('client_id', id) ? [] : [`unused ${id}`])),
    ...world.users.all().flatMap(({ id, primary_email_address_id }) => {
      const own = world.email_addresses.where('user_id', id).map((address) => address.id)
      const isRight =
        own.length === 0 ? primary_email_address_id === null : own.includes(primary_email_address_id ?? '')
      return isRight ? [] : [`wrong primary email address of ${id}`]
    }),
    ...repeated(
      'a slug',
      world.organizations.all().map(({ slug }) => slug),
    ),
    ...repeated(
      'an email address',
      world.email_addresses.all().map(({ email_address }) => email_address),
    ),
    ...repeated(
      'a username',
      world.users.all().map(({ username }) => username),
    ),
    ...repeated(
      'a membership',
      world.memberships.all().map(({ user_id, organization_id }) => `${user_id} ${organization_id}`),
    ),
  ]
}

test('random operations leave a consistent state, which the data file has too', { timeout: 60_000 }, async () => {
  const random = randomOf(1)
  const file = join(newFolder(), 'walk.db')
  const { data, instance, identity } = await open(file)
  instance.save(4010)
  const { world } = instance
  const endpoints = new Map(OPERATIONS.map((one) => [one.id, endpointsOf(one, instance)[0]!]))
  const chosen = OPERATIONS.filter(({ method }) => method !== 'GET')
  const succeeded = new Set<string>()
  const changedByRefusal: string[] = []
  for (let step = 0; step < STEPS; step++) {
    const operation = random.of(chosen)
    if (!isChosen(operation, random)) continue
    const before = world.snapshot()
    const made = randomCall(operation, instance, random)
    const { status } = await call(operation, made, endpoints.get(operation.id)!, identity.secretKey)
    if (status < 400) succeeded.add(operation.id)
    else
      changedByRefusal.push(
        ...changedTables(before, world.snapshot()).map((table) => `${operation.id} changed ${table}`),
      )
  }
  expect(changedByRefusal).toEqual([])
  // Most operations have an effect, so the state is not only the seed.
  expect(succeeded.size).toBeGreaterThan(50)
  checkReferences(world)
  expect(inconsistencies(world)).toEqual([])
  const last = world.snapshot()
  data.close()
  const reopened = await open(file)
  expect(reopened.instance.world.snapshot()).toEqual(last)
  reopened.data.close()
})
