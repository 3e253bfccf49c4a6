import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs, type ClerkAuthObject } from './both.js'
import { fieldsOf, SESSION_FIELDS } from './fields.js'
import { questionsAbout, show } from './questions.js'
import { version1, version2 } from './session-claims.js'
import { NOW, sessionToken, type Claims } from './tokens.js'

const SEED = 20261125

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

interface Answers {
  readonly clerk: ClerkAuthObject
  readonly ours: ClerkAuthObject
}

async function ask(claims: Claims, treatPendingAsSignedOut: boolean): Promise<Answers> {
  const token = sessionToken(claims)
  fc.pre(token.length <= 8192)
  const clerk = await askClerk(token, { treatPendingAsSignedOut })
  const ours = await askOurs(token, { treatPendingAsSignedOut })
  return { clerk: clerk.auth(), ours: ours as unknown as ClerkAuthObject }
}

describe.each([
  { format: 'the second format', claims: version2, numRuns: 1500 },
  { format: 'the first format', claims: version1, numRuns: 700 },
])('a session token of $format', ({ claims, numRuns }) => {
  it('gives the same session, and has() gives the same answer to every question', async () => {
    const answers = { true: 0, false: 0 }
    await fc.assert(
      fc.asyncProperty(claims, async (generated) => {
        const { clerk, ours } = await ask(generated, false)
        // Not `toStrictEqual`, which mistakes a claim named `constructor` for the constructor of the object.
        deepStrictEqual(fieldsOf(ours, SESSION_FIELDS), fieldsOf(clerk, SESSION_FIELDS))
        const disagreed = questionsAbout(generated).filter((question) => {
          const answer = clerk.has(question)
          answers[`${answer}`]++
          return ours.has(question) !== answer
        })
        expect(disagreed.map(show)).toEqual([])
      }),
      { seed: SEED, numRuns },
    )
    // Otherwise the claims grant too little to show anything.
    expect(Math.min(answers.true, answers.false)).toBeGreaterThan(20 * numRuns)
  }, 120_000)

  it('is unauthenticated while the session is pending, unless that is accepted', async () => {
    await fc.assert(
      fc.asyncProperty(claims, async (generated) => {
        const { clerk, ours } = await ask(generated, true)
        expect(ours.isAuthenticated).toBe(clerk.isAuthenticated)
        expect(ours.isAuthenticated).toBe(generated['sts'] !== 'pending')
        const { tokenType: _, ...known } = fieldsOf(ours, SESSION_FIELDS)
        deepStrictEqual(known, fieldsOf(clerk, Object.keys(known)))
      }),
      { seed: SEED, numRuns: numRuns / 10 },
    )
  }, 120_000)
})
