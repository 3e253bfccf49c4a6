import { part } from './element.js'

const SHOWN_FOR_MS = 6000

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding

/**
 * Shows a status message for a while, and lets screen readers announce it politely.
 *
 * @param {string} text
 */
export function announce(text) {
  const status = part('status', HTMLElement)
  setStatus(status, text)
  clearTimeout(hiding)
  hiding = setTimeout(() => (status.textContent = ''), SHOWN_FOR_MS)
}

/**
 * Announces, only to screen readers, what is already visible on the page.
 *
 * @param {string} text
 */
export function readOut(text) {
  setStatus(part('heard', HTMLElement), text)
}

/**
 * @param {HTMLElement} status
 * @param {string} text
 */
function setStatus(status, text) {
  // Cleared first, because repeating the same text would not be a change.
  status.textContent = ''
  setTimeout(() => (status.textContent = text), 50)
}
