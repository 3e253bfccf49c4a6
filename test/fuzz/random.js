/**
 * A seeded pseudorandom number generator: mulberry32.
 *
 * @typedef {object} Random
 * @property {(below: number) => number} below a whole number from 0
 * @property {<T>(items: readonly T[]) => T} one
 */

/**
 * @param {number} seed
 * @returns {Random}
 */
export function randomOf(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (/** @type {number} */ limit) => next() % Math.max(1, limit)
  return { below, one: (items) => /** @type {(typeof items)[number]} */ (items[below(items.length)]) }
}
