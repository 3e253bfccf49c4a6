import { copy } from './clipboard.js'
import { clockNote, instanceNow, isClockMoved } from './clock.js'
import { part } from './element.js'
import { pressedOnce } from './press.js'
import { timestamp } from './time.js'

/** @typedef {import('../src/control/directory-view.js').DirectoryView} DirectoryView */

/** @type {DirectoryView['env'] | undefined} */
let env

/** Starts what the head of the page does by itself. */
export function startHeader() {
  pressedOnce(part('copy-env', HTMLButtonElement), async () => {
    if (env) await copy(linesOf(env), 'the environment, with its secret keys')
  })
  setInterval(showClock, 1000)
}

/** @param {DirectoryView} view */
export function showHeader(view) {
  env = view.env
  const { current, published } = view.keys
  part('address', HTMLElement).textContent = view.url
  part('key', HTMLElement).textContent = current
  part('key-note', HTMLElement).textContent = published === 1 ? '' : `of ${published} that are published`
  showClock()
}

function showClock() {
  if (env === undefined || document.hidden) return
  part('clock', HTMLTimeElement).textContent = timestamp(instanceNow())
  part('clock-note', HTMLElement).textContent = clockNote()
  part('clock-note', HTMLElement).classList.toggle('warning', isClockMoved())
}

/**
 * For a shell. No value of the instance has a quotation mark in it.
 *
 * @param {DirectoryView['env']} variables
 */
function linesOf(variables) {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}
