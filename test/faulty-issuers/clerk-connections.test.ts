import { afterAll, describe, expect, it } from 'vitest'
import { brokenAnswers, oversizedAnswers } from './broken-answers.js'
import { byTurns } from './clerk-api.js'
import { outageOf } from './clerk-outage.js'
import { endlessAnswers } from './endless-answers.js'
import { stopIssuers } from './issuer.js'
import { watchTheProcess, watchTheTimers } from './watch.js'

watchTheProcess()
const timers = watchTheTimers()
afterAll(stopIssuers)

/** A response that ends by itself must not need the deadline, which is therefore long. */
const FAR = 60_000
const NEAR = 300

/** Cached tokens are accepted, and no other result is given until Clerk recovers. */
const expected = {
  remembered: [200],
  known: [503, 'verification-unavailable', 1],
  madeUp: [503, 'verification-unavailable', 1],
  malformed: [401, 'token-malformed'],
  after: { known: [200], madeUp: [401, 'token-not-found'] },
}

describe('Clerk, whose response is invalid', () => {
  it.each(byTurns(brokenAnswers))('because it %s: 503 after a second attempt (%s)', async (_name, kind, behave) => {
    const observed = await outageOf(kind, behave, FAR)
    expect(observed).toMatchObject({ ...expected, calls: 2 * 2 })
    expect(timers.running()).toBe(0)
    await observed.clerk.released()
  })

  // The next attempt would be as much work, and the token may be what makes the response large.
  it.each(byTurns(oversizedAnswers))('because it %s: 503 at once (%s)', async (_name, kind, behave) => {
    const observed = await outageOf(kind, behave, FAR)
    expect(observed).toMatchObject({ ...expected, calls: 2 })
    expect(timers.running()).toBe(0)
    await observed.clerk.released()
  })
})

describe.concurrent('Clerk, whose response never ends', () => {
  it.each(byTurns(endlessAnswers))('because it %s: 503 after the deadline (%s)', async (_name, kind, behave) => {
    const observed = await outageOf(kind, behave, NEAR)
    expect(observed).toMatchObject({ ...expected, calls: 2 })
    await observed.clerk.released()
  })
})
