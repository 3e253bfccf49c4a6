import { afterAll, describe, expect, it } from 'vitest'
import { stopIssuers, type Behaviour } from './issuer.js'
import { keysServeOn, noVerdict, outageAtStart, outageLater, type Outage } from './key-set-outage.js'
import { watchTheProcess } from './watch.js'
import { wrongKeySets } from './wrong-answers.js'

watchTheProcess()
afterAll(stopIssuers)

const answeredBy = (behave: Behaviour): Outage => ({
  begin: (issuer) => issuer.answer(behave),
  timeoutInMs: 60_000,
})

describe('an issuer whose response is not a key set', () => {
  it.each(wrongKeySets)('because %s: 503 until it recovers', async (_name, behave, reason) => {
    expect(await outageAtStart(answeredBy(behave))).toMatchObject(noVerdict(reason))
  })

  it.each(wrongKeySets)('because %s: keys in hand stay in use', async (_name, behave, reason) => {
    expect(await outageLater(answeredBy(behave))).toMatchObject(keysServeOn(reason))
  })
})
