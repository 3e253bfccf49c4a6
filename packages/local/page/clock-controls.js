import { announce } from './announce.js'
import { post, remove } from './ask.js'
import { instanceNow } from './clock.js'
import { part } from './element.js'
import { pressedOnce, submittedOnce } from './press.js'
import { timestamp } from './time.js'

/** @typedef {{ readonly now: number }} ClockAnswer */
/** @typedef {import('./ask.js').Outcome<ClockAnswer>} ClockOutcome */

const PATH = '/_local/clock'

/**
 * Moves, stops and restarts the clock of the instance.
 *
 * @param {() => Promise<void>} onChange
 */
export function startClockControls(onChange) {
  const amount = part('clock-amount', HTMLInputElement)
  const unit = part('clock-unit', HTMLSelectElement)
  const time = part('clock-time', HTMLInputElement)
  time.value = new Date(instanceNow()).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)

  submittedOnce(part('clock-move', HTMLFormElement), async (submitter) => {
    const direction = submitter?.id === 'clock-back' ? -1 : 1
    report(await post(PATH, { advanceInMs: direction * amount.valueAsNumber * Number(unit.value) }), 'now shows')
  })
  submittedOnce(part('clock-set', HTMLFormElement), async () => {
    // The field has no time zone: its label says that it is UTC.
    report(await post(PATH, { set: `${time.value}Z` }), 'was stopped at')
  })
  pressedOnce(part('clock-reset', HTMLButtonElement), async () => {
    report(await remove(PATH), 'follows the real time again:')
  })

  /**
   * @param {ClockOutcome} outcome
   * @param {string} event
   */
  function report(outcome, event) {
    announce(outcome.ok ? `The clock ${event} ${timestamp(outcome.value.now)}` : outcome.problem)
    // Not awaited: the clock can be moved again while the page loads what has changed.
    if (outcome.ok) void onChange()
  }
}
