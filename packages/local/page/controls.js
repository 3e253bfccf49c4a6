import { get } from './ask.js'
import { startClockControls } from './clock-controls.js'
import { isConnected } from './connection.js'
import { startFaultControls } from './fault-controls.js'
import { startKeyControls } from './key-controls.js'
import { startOutbox } from './outbox.js'
import { repeatWhileVisible } from './repeat.js'
import { startWebhookControls } from './webhook-controls.js'

const PAUSE_IN_MS = 2000

/**
 * Starts the controls for the clock, keys, faults, outbox and webhooks.
 *
 * @param {() => void} onChanged
 * @returns {() => Promise<void>} refreshes them now
 */
export function startControls(onChanged) {
  const showKeys = startKeyControls(changed)
  const showFaults = startFaultControls(changed)
  const showOutbox = startOutbox(changed)
  const showWebhooks = startWebhookControls(changed)
  startClockControls(changed)

  const load = repeatWhileVisible(
    async () => {
      // While the instance is down, the directory and the list of requests detect when it is back.
      if (!isConnected()) return
      await Promise.all([
        showAnswer('/_local/keys', showKeys),
        showAnswer('/_local/faults', showFaults),
        showAnswer('/_local/outbox', showOutbox),
        showAnswer('/_local/webhooks', showWebhooks),
      ])
    },
    () => PAUSE_IN_MS,
  )

  function changed() {
    onChanged()
    return load()
  }

  return load
}

/**
 * @template T
 * @param {string} path
 * @param {(answer: T) => void} show
 */
async function showAnswer(path, show) {
  /** @type {import('./ask.js').Outcome<T>} */
  const outcome = await get(path)
  if (outcome.ok) show(outcome.value)
}
