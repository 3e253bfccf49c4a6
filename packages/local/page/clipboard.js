import { announce } from './announce.js'
import { part } from './element.js'

/**
 * Copies text to the clipboard. If the browser does not allow that, it shows the text for manual copying.
 *
 * @param {string} text
 * @param {string} what such as `Session token of alice`
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    return showForCopying(text, what)
  }
  announce(`Copied: ${what}`)
}

/**
 * @param {string} text
 * @param {string} what
 */
function showForCopying(text, what) {
  const dialog = part('by-hand', HTMLDialogElement)
  const field = part('by-hand-text', HTMLTextAreaElement)
  part('by-hand-title', HTMLElement).textContent = `${what.charAt(0).toUpperCase()}${what.slice(1)}`
  field.value = text
  dialog.addEventListener('close', () => (field.value = ''), { once: true })
  dialog.showModal()
  field.focus()
  field.select()
}
