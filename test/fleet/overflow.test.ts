import { sharedMemory, type SharedStore } from '@clerk-auth/core/shared'
import { describe, expect, test } from 'vitest'
import { SECRET, startFleet } from './fleet.js'
import { memoryStore } from './memory-store.js'

const fleet = startFleet()

/** A store whose log has become too long: it has dropped all entries, which are still stored under their keys. */
function trimmedStore(): SharedStore & { isDown: boolean; readonly finds: () => number } {
  const store = memoryStore()
  let finds = 0
  const trimmed = {
    isDown: false,
    finds: () => finds,
    open: (...args: Parameters<SharedStore['open']>) => {
      const space = store.open(...args)
      return {
        ...space,
        read: async () => ({ entries: [], position: '', isContinuous: true, isTrimmed: true }),
        find: async (keys: readonly string[]) => {
          finds++
          if (trimmed.isDown) throw new Error('down')
          return space.find(keys)
        },
      }
    },
  }
  return trimmed
}

describe('revocations that do not fit into the log', () => {
  test('are looked up for each request, whether the token is cached or not', async () => {
    const store = trimmedStore()
    const start = () => fleet.start({ shared: sharedMemory(store, { secret: SECRET }) })
    const [first, second] = [start(), start()]
    const [session, key] = [await fleet.local.sessionToken(), await fleet.local.apiKey()]
    for (const token of [session, key]) expect(await second.outcomeOf(token)).toBe('passed')
    await first.clerk.revoke({ token: session })
    await first.clerk.revoke({ token: key })
    expect([await second.outcomeOf(session), await second.outcomeOf(key)]).toEqual(['token-revoked', 'token-revoked'])
    expect(await start().outcomeOf(session)).toBe('token-revoked')
    expect(store.finds()).toBe(5)
  })

  test('are found by a process with another first secret', async () => {
    const [store, NEW] = [trimmedStore(), 'new secret '.repeat(4)]
    const first = fleet.start({ shared: sharedMemory(store, { secret: SECRET }) })
    const second = fleet.start({ shared: sharedMemory(store, { secret: [NEW, SECRET] }) })
    const token = await fleet.local.sessionToken()
    expect(await second.outcomeOf(token)).toBe('passed')
    await first.clerk.revoke({ token })
    expect(await second.outcomeOf(token)).toBe('token-revoked')
  })

  test('are missed while the store cannot be read, like all others', async () => {
    const store = trimmedStore()
    const { clerk } = fleet.start({ shared: sharedMemory(store, { secret: SECRET }) })
    const second = fleet.start({ shared: sharedMemory(store, { secret: SECRET }) })
    const token = await fleet.local.sessionToken()
    expect(await second.outcomeOf(token)).toBe('passed')
    await clerk.revoke({ token })
    store.isDown = true
    expect(await second.outcomeOf(token)).toBe('passed')
  })
})
