import { announce } from './announce.js'
import { part } from './element.js'

let answers = true

/** @type {() => void} */
let onBack = () => {}

/** Whether the instance responded to the last request. */
export function isConnected() {
  return answers
}

/**
 * Calls the listener whenever the instance, or another one at its address, responds again.
 *
 * @param {() => void} listener
 */
export function whenBack(listener) {
  onBack = listener
}

/**
 * Shows when the instance stops and when it responds again.
 *
 * @param {boolean} responded
 */
export function noteResponse(responded) {
  if (responded === answers) return
  answers = responded
  part('gone', HTMLElement).hidden = responded
  part('gone-address', HTMLElement).textContent = location.origin
  document.body.classList.toggle('is-gone', !responded)
  announce(responded ? 'The instance responds again.' : 'The instance does not respond. This page keeps trying.')
  if (responded) onBack()
}
