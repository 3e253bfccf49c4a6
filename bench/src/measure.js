/**
 * An implementation to compare. `verify` throws or rejects if it refuses the token.
 *
 * @template Input
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(token: string) => Input} prepare runs before the measurement
 * @property {(input: Input) => unknown} verify
 * @property {() => void} [beforeRound]
 */

/**
 * Checks that a contestant verifies, before it is timed.
 *
 * @template Input
 * @param {Contestant<Input>} contestant
 * @param {{ good: string, tampered: string }} tokens
 */
export async function check({ name, prepare, verify }, { good, tampered }) {
  await verify(prepare(good))
  const refused = await Promise.resolve()
    .then(() => verify(prepare(tampered)))
    .then(
      () => false,
      () => true,
    )
  if (!refused) throw new Error(`${name} accepts a tampered token`)
}

/**
 * Times contestants in turn. Each round starts with a different one, so that a drift of the machine affects all, and
 * the first round is a warm-up that does not count.
 *
 * @template Input
 * @param {readonly Contestant<Input>[]} contestants
 * @param {readonly string[]} tokens taken in turn, from the first in each round
 * @param {{ rounds: number, batches: number, callsPerBatch: number }} size
 * @returns {Promise<number[][]>} by contestant, the median microseconds per call of each round
 */
export async function measure(contestants, tokens, { rounds, batches, callsPerBatch }) {
  const entries = contestants.map((contestant) => ({
    contestant,
    inputs: tokens.map(contestant.prepare),
    medians: /** @type {number[]} */ ([]),
  }))
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, inputs, medians } of rotated(entries, round)) {
      contestant.beforeRound?.()
      const times = await timeBatches(contestant, inputs, batches, callsPerBatch)
      if (round > 0) medians.push(median(times))
    }
  }
  return entries.map(({ medians }) => medians)
}

/**
 * @template Input
 * @param {Contestant<Input>} contestant
 * @param {readonly Input[]} inputs
 * @param {number} batches
 * @param {number} callsPerBatch
 */
async function timeBatches({ verify }, inputs, batches, callsPerBatch) {
  const times = []
  let next = 0
  for (let batch = 0; batch < batches; batch++) {
    const start = performance.now()
    for (let i = 0; i < callsPerBatch; i++) {
      const result = verify(/** @type {Input} */ (inputs[next]))
      if (result instanceof Promise) await result // synchronous results are not awaited
      next = (next + 1) % inputs.length
    }
    times.push(((performance.now() - start) * 1000) / callsPerBatch)
  }
  return times
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} by
 * @returns {T[]}
 */
export function rotated(items, by) {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/**
 * The median over the rounds of `one / other`, which were measured one after the other.
 *
 * @param {readonly number[]} one
 * @param {readonly number[]} other
 */
export function ratio(one, other) {
  return median(one.map((value, round) => value / (other[round] ?? Number.NaN)))
}

/**
 * The median over the rounds of `one - other`.
 *
 * @param {readonly number[]} one
 * @param {readonly number[]} other
 */
export function difference(one, other) {
  return median(one.map((value, round) => value - (other[round] ?? Number.NaN)))
}
