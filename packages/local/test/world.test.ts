import { describe, expect, test } from 'vitest'
import type { Machine } from '../src/model/machine.js'
import { createWorld, type TableChange, type World } from '../src/state/world.js'

const SECRET = `ak_${'x'.repeat(42)}`

function worldWith(options: { store?: (changes: readonly TableChange[]) => void; now?: () => number } = {}): World {
  return createWorld({ now: () => 1000, url: () => 'http://127.0.0.1:1', ...options })
}

function addMachine(world: World, name: string): Machine {
  return world.machines.add({ name, secret_key: SECRET })
}

describe('a table', () => {
  test('gives a new record an id, the time and the defaults of its kind', () => {
    const machine = addMachine(worldWith(), 'worker')
    expect(machine).toMatchObject({ name: 'worker', scopes: [], default_token_ttl: 3600 })
    expect(machine).toMatchObject({ created_at: 1000, updated_at: 1000 })
    expect(machine.id).toMatch(/^mch_\w{27}$/)
  })

  test('refuses a new or changed record that its schema does not allow', () => {
    const { machines } = worldWith()
    expect(() => machines.add({ name: '', secret_key: SECRET })).toThrow('Invalid length')
    const { id } = machines.add({ name: 'a', secret_key: SECRET })
    expect(() => machines.update(id, { default_token_ttl: Infinity })).toThrow('Invalid integer')
    expect(machines.byId(id)?.default_token_ttl).toBe(3600)
  })

  test('finds records by any field, also after a change and a removal', () => {
    const world = worldWith()
    const [one, other] = [addMachine(world, 'a'), addMachine(world, 'a')]
    expect(world.machines.where('name', 'a')).toEqual([one, other])
    const changed = world.machines.update(one.id, { name: 'b' })
    expect(world.machines.find('name', 'b')).toBe(changed)
    world.machines.remove(other.id)
    expect(world.machines.where('name', 'a')).toEqual([])
  })

  test('changes the time of the last change, and not the fields that are undefined', () => {
    let now = 1000
    const world = worldWith({ now: () => now })
    const { id } = addMachine(world, 'a')
    now = 2000
    expect(world.machines.update(id, { name: undefined, default_token_ttl: 60 })).toMatchObject({
      name: 'a',
      default_token_ttl: 60,
      created_at: 1000,
      updated_at: 2000,
    })
  })
})

describe('a transaction', () => {
  test('that throws changes nothing, in records and in indexes', () => {
    const world = worldWith()
    const kept = addMachine(world, 'kept')
    const before = world.snapshot()
    expect(() =>
      world.transaction(() => {
        world.machines.update(kept.id, { name: 'changed' })
        addMachine(world, 'added')
        world.machines.remove(kept.id)
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(world.snapshot()).toEqual(before)
    expect(world.machines.find('name', 'kept')).toEqual(kept)
    expect(world.machines.find('name', 'added')).toBeUndefined()
  })

  test('that throws keeps the order of the records, also in indexes', () => {
    const world = worldWith()
    const [first, second] = [addMachine(world, 'a'), addMachine(world, 'a')]
    expect(world.machines.where('name', 'a')).toEqual([first, second])
    expect(() =>
      world.transaction(() => {
        world.machines.update(first.id, { name: 'b' })
        world.machines.remove(first.id)
        world.machines.add(first)
        world.machines.remove(first.id)
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(world.machines.all()).toEqual([first, second])
    expect(world.machines.where('name', 'a')).toEqual([first, second])
  })

  test('is stored at once, and seen by watchers once it is stored', () => {
    const order: string[] = []
    const world = worldWith({ store: (changes) => order.push(`stored ${changes.length}`) })
    world.watch(
      ({ after }) => after?.id,
      (ids) => order.push(`seen ${ids.length}`),
    )
    world.transaction(() => [addMachine(world, 'a'), addMachine(world, 'b')])
    addMachine(world, 'c')
    expect(order).toEqual(['stored 2', 'seen 2', 'stored 1', 'seen 1'])
  })

  test('that cannot be stored changes nothing, and is not seen', () => {
    const seen: unknown[] = []
    const world = worldWith({
      store: () => {
        throw new Error('the disk is full')
      },
    })
    world.watch(
      (change) => change,
      (changes) => seen.push(changes),
    )
    expect(() => world.transaction(() => addMachine(world, 'a'))).toThrow('the disk is full')
    expect([world.machines.all(), seen]).toEqual([[], []])
  })

  test('inside another is part of it', () => {
    const world = worldWith()
    expect(() =>
      world.transaction(() => {
        world.transaction(() => addMachine(world, 'a'))
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(world.machines.all()).toEqual([])
  })
})
