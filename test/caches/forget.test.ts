import type { Forgotten } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND, turn } from '../../packages/core/test/fixtures.js'
import {
  ANSWERS,
  good,
  KINDS,
  MACHINE,
  opaque,
  unknownToken,
  USER,
} from '../../packages/core/test/fixtures-machines.js'
import { startInstance } from './instance.js'

const revoked = (tokenType: (typeof KINDS)[number]) => good(tokenType, { revoked: true })

describe.each(KINDS)('%s that Clerk did not know', (tokenType) => {
  const token = opaque(tokenType)

  test('and that is created right afterwards is refused for at most 5 seconds', async () => {
    const { network, advance, outcomeOf } = startInstance()
    network.answer(unknownToken)
    expect(await outcomeOf(token)).toBe('token-not-found')
    network.answer(() => good(tokenType))
    advance(5 * SECOND - 1)
    expect(await outcomeOf(token)).toBe('token-not-found')
    expect(network.calls).toBe(1)
    advance(1)
    expect(await outcomeOf(token)).toBe('passed')
  })

  test('and that is sent continuously is not refused for longer: each response counts from its own time', async () => {
    const { network, advance, outcomeOf } = startInstance()
    network.answer(unknownToken)
    await outcomeOf(token)
    network.answer(() => good(tokenType))
    for (let i = 0; i < 50; i++) {
      expect(await outcomeOf(token)).toBe('token-not-found')
      advance(100)
    }
    expect(await outcomeOf(token)).toBe('passed')
  })

  test.each([
    ['it', { token }],
    ['all', 'all'],
  ] as const)('is accepted at once if %s is forgotten', async (_what, what) => {
    const { clerk, network, outcomeOf } = startInstance()
    network.answer(unknownToken)
    await outcomeOf(token)
    network.answer(() => good(tokenType))
    clerk.forget(what)
    expect(await outcomeOf(token)).toBe('passed')
  })
})

describe.each(KINDS)('%s that is revoked', (tokenType) => {
  const token = opaque(tokenType)

  test('is accepted for at most 30 seconds while it is cached, and then refused without a call', async () => {
    const { network, advance, outcomeOf } = startInstance()
    expect(await outcomeOf(token)).toBe('passed')
    network.answer(() => revoked(tokenType))
    advance(30 * SECOND - 1)
    expect(await outcomeOf(token)).toBe('passed')
    advance(1)
    expect(await outcomeOf(token)).toBe('token-revoked')
    for (let i = 0; i < 4; i++) {
      advance(MINUTE)
      expect(await outcomeOf(token)).toBe('token-revoked')
    }
    expect(network.calls).toBe(2)
  })

  test('is not verified more often because it is in use', async () => {
    const { network, advance, outcomeOf } = startInstance()
    for (let i = 0; i < 300; i++) {
      await outcomeOf(token)
      advance(100)
    }
    network.answer(() => revoked(tokenType))
    expect(await outcomeOf(token)).toBe('token-revoked')
    expect(network.calls).toBe(2)
  })
})

/** Every argument of forget(), and whether it concerns a call for that kind of token. */
const FORGOTTEN = KINDS.flatMap((tokenType): [kind: typeof tokenType, name: string, what: Forgotten][] => [
  [tokenType, 'all', 'all'],
  [tokenType, 'the token', { token: opaque(tokenType) }],
  [tokenType, 'its id', { tokenId: ANSWERS[tokenType].id }],
  [tokenType, tokenType === 'm2m_token' ? 'its machine' : 'its user', byOwner(tokenType)],
])

function byOwner(tokenType: (typeof KINDS)[number]): Forgotten {
  return tokenType === 'm2m_token' ? { machineId: MACHINE } : { userId: USER }
}

describe.each(FORGOTTEN)('a call for %s that is in flight while %s is forgotten', (tokenType, _name, what) => {
  const token = opaque(tokenType)

  async function startBefore(answer: () => Response) {
    const instance = startInstance()
    instance.network.answer(answer)
    const release = instance.network.hold()
    const before = instance.outcomeOf(token)
    await turn()
    instance.clerk.forget(what)
    return { ...instance, before, release }
  }

  test('answers the earlier callers, and is not cached: Clerk is called again', async () => {
    const { network, outcomeOf, before, release } = await startBefore(() => good(tokenType))
    release()
    expect(await before).toBe('passed')
    network.answer(() => revoked(tokenType))
    expect(await outcomeOf(token)).toBe('token-revoked')
    expect(network.calls).toBe(2)
  })

  test('does not answer later callers', async () => {
    const { network, outcomeOf, before, release } = await startBefore(() => good(tokenType))
    const after = outcomeOf(token)
    expect(network.calls).toBe(2)
    release()
    expect(await Promise.all([before, after])).toEqual(['passed', 'passed'])
  })

  test('does not refuse, with a late response, a token that has been created since', async () => {
    const instance = startInstance()
    const { network, clerk, outcomeOf } = instance
    let answerLate = (_response: Response) => {}
    network.answer(() => new Promise<Response>((resolve) => (answerLate = resolve)))
    const before = outcomeOf(token)
    await turn()
    clerk.forget(what)
    network.answer(() => good(tokenType))
    expect(await outcomeOf(token)).toBe('passed')
    answerLate(unknownToken())
    expect(await before).toBe('token-not-found')
    expect(await outcomeOf(token)).toBe('passed')
    expect([network.calls, clerk.stats().remote.remembered]).toEqual([2, { entries: 1, refused: 0, known: 1 }])
  })
})

test.each(KINDS)('a call for %s is cached, although something else is forgotten meanwhile', async (tokenType) => {
  const { clerk, network, outcomeOf } = startInstance()
  network.answer(() => good(tokenType))
  const release = network.hold()
  const asked = outcomeOf(opaque(tokenType))
  await turn()
  clerk.forget({ sessionId: 'sess_other' })
  release()
  expect([await asked, await outcomeOf(opaque(tokenType)), network.calls]).toEqual(['passed', 'passed', 1])
})
