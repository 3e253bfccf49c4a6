import { between } from './time.js'

/** @typedef {import('../src/control/directory-view.js').DirectoryView['clock']} Clock */

/** @type {Clock & { readonly receivedAt: number }} */
let clock = { now: Date.now(), isStopped: false, machineNow: Date.now(), receivedAt: Date.now() }

/**
 * Sets this page's copy of the instance's clock.
 *
 * @param {Clock} received
 */
export function setClock(received) {
  clock = { ...received, receivedAt: Date.now() }
}

/** The instance's time, in milliseconds since the epoch. */
export function instanceNow() {
  return clock.isStopped ? clock.now : clock.now + Date.now() - clock.receivedAt
}

/** Whether it differs from the system clock of the instance's machine. */
export function isClockMoved() {
  return clock.isStopped || Math.abs(clock.now - clock.machineNow) >= 1000
}

/** The state of the clock, to show beside its time. */
export function clockNote() {
  if (clock.isStopped) return 'stopped'
  if (!isClockMoved()) return 'real time'
  const distance = between(clock.now, clock.machineNow)
  return clock.now < clock.machineNow ? `moved back ${distance}` : `moved forward ${distance}`
}
