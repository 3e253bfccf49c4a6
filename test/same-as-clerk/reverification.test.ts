import { reverificationError, reverificationErrorResponse } from '@clerk/backend/internal'
import { checkRequirement, toChallenge, type Reverification } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs } from './both.js'
import { NOW, sessionToken } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

const AGES = [-1, 0, 0.5, 1, 9, 9.99, 10, 11, 59, 60, 61, 1439, 1440, 1441, 1e6]
const LEVELS = ['first_factor', 'second_factor', 'multi_factor'] as const
const ASKED: readonly Reverification[] = [
  'strict_mfa',
  'strict',
  'moderate',
  'lax',
  ...LEVELS.flatMap((level) => [0.5, 1, 10, 60, 1440, 99_999].map((afterMinutes) => ({ level, afterMinutes }))),
]

describe('how recently the user was verified', () => {
  it.each(AGES)('gets the same result if the first factor is %d minutes old', async (first) => {
    const grants = new Set<boolean>()
    for (const second of AGES) {
      const token = sessionToken({ fva: [first, second] })
      const clerk = (await askClerk(token)).auth()
      const ours = await askOurs(token)
      for (const reverification of ASKED) {
        const answer = clerk.has({ reverification })
        grants.add(answer)
        const what = `${JSON.stringify(reverification)} of [${first}, ${second}]`
        expect({ what, answer: ours.has({ reverification }) }).toEqual({ what, answer })
      }
    }
    expect(grants).toEqual(new Set([true, false]))
  })
})

describe('the answer to a user who has to be verified again', () => {
  it.each(ASKED.map((asked) => ({ name: JSON.stringify(asked), asked })))(
    'contains what the official client looks for: $name',
    async ({ asked }) => {
      const refusal = await checkRequirement(await askOurs(sessionToken({ fva: [-1, -1] })), { reverification: asked })
      const { status, body } = toChallenge(refusal!)
      const official = reverificationErrorResponse(asked)
      expect(status).toBe(official.status)
      expect({ clerk_error: body.clerk_error }).toEqual(reverificationError(asked))
      // As a string, because that is what is sent.
      expect(JSON.stringify({ clerk_error: body.clerk_error })).toBe(await official.text())
    },
  )

  it('does not contain it for any other refusal', async () => {
    const refusal = await checkRequirement(await askOurs(sessionToken()), { role: 'org:admin' })
    expect(toChallenge(refusal!).body).not.toHaveProperty('clerk_error')
  })
})
