import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { askClerk, askOurs, type ClerkAuthObject, type OurAuth } from './both.js'
import { isNameless, NAMELESS, questionsAbout, show, type Question } from './questions.js'
import { malformed } from './session-claims.js'
import { NOW, sessionToken, type Claims } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

it('malformed claims grant what they grant in the official SDK, and never more', async () => {
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

/** Cases in which ours may grant less: see docs/differences.md. */
function mayBeLess(question: Question, clerk: ClerkAuthObject, ours: OurAuth): boolean {
  const isOrganizationUnread = clerk['orgId'] !== ours['orgId']
  return isOrganizationUnread || isNameless(question)
}

/** The result of Clerk's SDK for the claims. If it throws, for the claims without those that it cannot read. */
async function readable(claims: Claims): Promise<ClerkAuthObject> {
  const withoutMasks = { ...claims, o: { ...(claims['o'] as object), per: undefined, fpm: undefined } }
  for (const some of [claims, withoutMasks]) {
    const { auth } = await askClerk(sessionToken(some))
    try {
      return auth()
    } catch {
      // It throws if `fea`, `per` and `fpm` are not strings.
    }
  }
  return (await askClerk(sessionToken({ ...withoutMasks, fea: undefined }))).auth()
}
