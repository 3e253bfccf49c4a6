import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { askClerk, askOurs, type ClerkAuthObject, type OurAuth } from './both.js'
import { isNameless, NAMELESS, questionsAbout, show, type Question } from './questions.js'
import { malformed } from './session-claims.js'
import { NOW, sessionToken, type Claims } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

it('claims that are malformed grant what they grant by the official SDK, and never more', async () => {
  let granted = 0
  await fc.assert(
    fc.asyncProperty(malformed, async (claims) => {
      const token = sessionToken(claims)
      fc.pre(token.length <= 8192)
      const ours = await askOurs(token)
      expect(ours.isAuthenticated).toBe(true)
      const clerk = await readable(claims)
      const disagreed = [...questionsAbout(claims), ...NAMELESS].filter((question) => {
        const answer = ours.has(question)
        if (answer) granted++
        return answer !== clerk.has(question) && (answer || !mayBeLess(question, clerk, ours))
      })
      expect(disagreed.map(show)).toEqual([])
    }),
    { seed: 20261126, numRuns: 700 },
  )
  expect(granted).toBeGreaterThan(1000)
}, 120_000)

/** Where ours may grant less: see the page of differences. */
function mayBeLess(question: Question, clerk: ClerkAuthObject, ours: OurAuth): boolean {
  const isOrganizationUnread = clerk['orgId'] !== ours['orgId']
  return isOrganizationUnread || isNameless(question)
}

/** What Clerk's SDK says of the claims. Where it throws, of those that are left without what it cannot read. */
async function readable(claims: Claims): Promise<ClerkAuthObject> {
  const withoutMasks = { ...claims, o: { ...(claims['o'] as object), per: undefined, fpm: undefined } }
  for (const some of [claims, withoutMasks]) {
    const { auth } = await askClerk(sessionToken(some))
    try {
      return auth()
    } catch {
      // Its reading of `fea`, `per` and `fpm` ends in an exception where they are no lists.
    }
  }
  return (await askClerk(sessionToken({ ...withoutMasks, fea: undefined }))).auth()
}
