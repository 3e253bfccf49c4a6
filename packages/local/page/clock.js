import { between } from './time.js'

/** @typedef {import('../src/control/directory-view.js').DirectoryView['clock']} Clock */

/** @type {Clock & { readonly heardAt: number }} */
let clock = { now: Date.now(), isStopped: false, machineNow: Date.now(), heardAt: Date.now() }

/**
 * Sets what this page takes for the clock of the instance.
 *
 * @param {Clock} told
 */
export function setClock(told) {
  clock = { ...told, heardAt: Date.now() }
}

/** By the instance, in milliseconds since the epoch. */
export function instanceNow() {
  return clock.isStopped ? clock.now : clock.now + Date.now() - clock.heardAt
}

/** Whether it tells another time than the machine that it runs on. */
export function isClockMoved() {
  return clock.isStopped || Math.abs(clock.now - clock.machineNow) >= 1000
}

/** What is to be known about the clock besides its time. */
export function clockNote() {
  if (clock.isStopped) return 'stands still: it was set'
  if (!isClockMoved()) return 'runs by the real time'
  const distance = between(clock.now, clock.machineNow)
  return clock.now < clock.machineNow ? `was moved ${distance} back` : `was moved ${distance} forward`
}
