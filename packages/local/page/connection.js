import { announce } from './announce.js'
import { part } from './element.js'

let answers = true

/** @type {() => void} */
let onBack = () => {}

/** Whether the instance answered when it was last asked. */
export function isConnected() {
  return answers
}

/**
 * Does something whenever the instance is back, or another one in its place.
 *
 * @param {() => void} listener
 */
export function whenBack(listener) {
  onBack = listener
}

/**
 * Tells the reader when the instance is gone, and when it is back.
 *
 * @param {boolean} answered
 */
export function noteAnswer(answered) {
  if (answered === answers) return
  answers = answered
  part('gone', HTMLElement).hidden = answered
  part('gone-address', HTMLElement).textContent = location.origin
  document.body.classList.toggle('is-gone', !answered)
  announce(answered ? 'The instance answers again.' : 'The instance does not answer. This page goes on trying.')
  if (answered) onBack()
}
