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

  test('and that is created right after is refused for 5 seconds at the most', async () => {
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

  test('and that is asked about without end is not refused for longer: each word counts from when it was given', async () => {
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
  ] as const)('passes at once where %s is forgotten', async (_what, what) => {
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

  test('while it is remembered passes for 30 seconds at the most, and is then refused without a call', async () => {
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

  test('is not asked about more often for being in use', async () => {
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

/** Every way to say what is to be forgotten, and whether a call about that kind of token is about it. */
const FORGOTTEN = KINDS.flatMap((tokenType): [kind: typeof tokenType, name: string, what: Forgotten][] => [
  [tokenType, 'all', 'all'],
  [tokenType, 'its text', { token: opaque(tokenType) }],
  [tokenType, 'its id', { tokenId: ANSWERS[tokenType].id }],
  [tokenType, tokenType === 'm2m_token' ? 'its machine' : 'its user', byOwner(tokenType)],
  [tokenType, 'something else', { sessionId: 'sess_other' }],
])

function byOwner(tokenType: (typeof KINDS)[number]): Forgotten {
  return tokenType === 'm2m_token' ? { machineId: MACHINE } : { userId: USER }
}

describe.each(FORGOTTEN)('a call about %s that is under way while %s is forgotten', (tokenType, _name, what) => {
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

  test('answers those who asked before, and is not remembered: Clerk is asked again', async () => {
    const { network, outcomeOf, before, release } = await startBefore(() => good(tokenType))
    release()
    expect(await before).toBe('passed')
    network.answer(() => revoked(tokenType))
    expect(await outcomeOf(token)).toBe('token-revoked')
    expect(network.calls).toBe(2)
  })

  test('does not answer those who ask after', async () => {
    const { network, outcomeOf, before, release } = await startBefore(() => good(tokenType))
    const after = outcomeOf(token)
    expect(network.calls).toBe(2)
    release()
    expect(await Promise.all([before, after])).toEqual(['passed', 'passed'])
  })

  test('refuses nobody by what it says late, of a token that has been created since', async () => {
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
