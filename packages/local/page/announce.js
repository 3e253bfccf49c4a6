import { part } from './element.js'

const SHOWN_FOR_MS = 6000

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding

/**
 * Says what has happened: a screen reader reads it out when it has nothing else to say, and others see it for a while.
 *
 * @param {string} text
 */
export function announce(text) {
  const status = part('status', HTMLElement)
  say(status, text)
  clearTimeout(hiding)
  hiding = setTimeout(() => (status.textContent = ''), SHOWN_FOR_MS)
}

/**
 * Says what everybody sees who sees the page, to those who do not.
 *
 * @param {string} text
 */
export function readOut(text) {
  say(part('heard', HTMLElement), text)
}

/**
 * @param {HTMLElement} status
 * @param {string} text
 */
function say(status, text) {
  // Emptied before, as the same words twice would be no change.
  status.textContent = ''
  setTimeout(() => (status.textContent = text), 50)
}
