import { afterAll, describe, expect, it } from 'vitest'
import { brokenAnswers, oversizedAnswers } from './broken-answers.js'
import { endlessAnswers } from './endless-answers.js'
import { stopIssuers, type Behaviour } from './issuer.js'
import { keysServeOn, noVerdict, outageAtStart, outageLater, type Outage } from './key-set-outage.js'
import { watchTheProcess, watchTheTimers } from './watch.js'

watchTheProcess()
const timers = watchTheTimers()
afterAll(stopIssuers)

/** A response that ends by itself must not need the deadline, which is therefore long. */
const brokenBy = (behave: Behaviour): Outage => ({ begin: (issuer) => issuer.answer(behave), timeoutInMs: 60_000 })
const endlessBy = (behave: Behaviour): Outage => ({ begin: (issuer) => issuer.answer(behave), timeoutInMs: 300 })
const deaf: Outage = {
  begin: (issuer) => issuer.greet((socket) => void socket.resetAndDestroy()),
  timeoutInMs: 60_000,
}

describe('an issuer whose key set response is invalid', () => {
  const answers = [...brokenAnswers, ...oversizedAnswers]

  it.each(answers)('because it %s: 503 until it recovers', async (_name, behave) => {
    const observed = await outageAtStart(brokenBy(behave))
    expect(observed).toMatchObject(noVerdict('no answer'))
    expect(timers.running()).toBe(0)
    await observed.issuer.released()
  })

  it.each(answers)('because it %s: keys in hand stay in use', async (_name, behave) => {
    const observed = await outageLater(brokenBy(behave))
    expect(observed).toMatchObject(keysServeOn('no answer'))
    expect(timers.running()).toBe(0)
    await observed.issuer.released()
  })

  it('because it resets every connection before any request: 503, or keys in hand', async () => {
    expect(await outageAtStart(deaf)).toMatchObject(noVerdict('no answer'))
    expect(await outageLater(deaf)).toMatchObject(keysServeOn('no answer'))
  })
})

describe.concurrent('an issuer whose key set response never ends', () => {
  it.each(endlessAnswers)('because it %s: 503 until it recovers', async (_name, behave) => {
    const observed = await outageAtStart(endlessBy(behave))
    expect(observed).toMatchObject(noVerdict('no answer'))
    await observed.issuer.released()
  })

  it.each(endlessAnswers)('because it %s: keys in hand stay in use', async (_name, behave) => {
    const observed = await outageLater(endlessBy(behave))
    expect(observed).toMatchObject(keysServeOn('no answer'))
    await observed.issuer.released()
  })
})
