import { copy } from './clipboard.js'
import { clockNote, instanceNow, isClockMoved } from './clock.js'
import { part } from './element.js'
import { pressedOnce } from './press.js'
import { timestamp } from './time.js'

/** @typedef {import('../src/control/directory-view.js').DirectoryView} DirectoryView */

/** @type {DirectoryView['env'] | undefined} */
let env

/** Starts the clock and the copy button of the header. */
export function startHeader() {
  pressedOnce(part('copy-env', HTMLButtonElement), async () => {
    if (env) await copy(linesOf(env), 'the environment, with its secret keys')
  })
  setInterval(showClock, 1000)
}

/** The secret key of the instance, once the directory is loaded. */
export function secretKey() {
  return env?.CLERK_SECRET_KEY ?? ''
}

/** @param {DirectoryView} view */
export function showHeader(view) {
  env = view.env
  const { current, published } = view.keys
  part('address', HTMLElement).textContent = view.url
  part('key', HTMLElement).textContent = current
  part('key-note', HTMLElement).textContent = published === 1 ? '' : `one of ${published} published keys`
  showClock()
}

function showClock() {
  if (env === undefined || document.hidden) return
  part('clock', HTMLTimeElement).textContent = timestamp(instanceNow())
  part('clock-note', HTMLElement).textContent = clockNote()
  part('clock-note', HTMLElement).classList.toggle('warning', isClockMoved())
}

/**
 * Formats variables for a shell. The instance's values never contain quotation marks.
 *
 * @param {DirectoryView['env']} variables
 */
function linesOf(variables) {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}
