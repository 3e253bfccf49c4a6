import { describe, expect, test } from 'vitest'
import { explore } from './explore.js'
import { actionsOf, apply, initialState, MUTANTS, type Mutant, type State } from './model.js'
import { SEAMS } from './mutants.js'
import { replay } from './replay.js'

/** With `npm run model --workspace=test`, twice as many faults may come together, which takes minutes. */
const IS_WHOLE = process.env['CLERK_AUTH_MODEL'] === 'whole'
const MOST_FAULTS = IS_WHOLE ? 2 : 1
const MOST_TRACES = IS_WHOLE ? 8000 : 1000

/** The worlds that are explored: one instance, or two that ask Clerk with different secrets. */
const starts = [false, true].map((strangers) => initialState(MOST_FAULTS, strangers))

describe('two processes that share a store', () => {
  test(
    'violate no invariant in any order of events, in the model and in the real code',
    { timeout: 600_000 },
    async () => {
      for (const start of starts) {
        const { states, counterexample, traces } = explore(start)
        expect(counterexample).toBeUndefined()
        const all = traces()
        const step = Math.max(1, all.length / MOST_TRACES)
        const chosen = Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)]!)
        const differences = []
        for (const trace of chosen) {
          // On a busy machine WebCrypto, which answers from other threads, may be late once. A real difference stays.
          const difference = await replay(trace, start.strangers)
          if (difference !== undefined) differences.push(await replay(trace, start.strangers))
        }
        expect(differences.filter((one) => one !== undefined)).toEqual([])
        console.log(`${states} states, ${chosen.length} of ${all.length} traces replayed`)
      }
    },
  )

  test.each(MUTANTS)('violate an invariant, which the real code does not, if %s', async (mutant) => {
    const { start, trace: broken } = shortestCounterexample(mutant)
    const trace = possible(broken, start)
    expect(await replay(trace, start.strangers)).toBeUndefined()
    const seam = SEAMS[mutant]
    const difference = seam && (await replay(trace, start.strangers, seam))
    expect(difference !== undefined, 'whether the same mutant in the real code was caught').toBe(seam !== undefined)
  })
})

/** The trace in the model without a mutant: what a tick waits for comes first, and what is impossible is left out. */
function possible(trace: readonly string[], start: State): string[] {
  const done: string[] = []
  let state = start
  for (const action of trace) {
    for (let next = ''; next !== action;) {
      const actions = actionsOf(state)
      const due = action === 'tick' && actions.find((one) => /^(read|append|look)/.test(one))
      next = actions.includes(action) ? action : due || ''
      if (next === '') break
      state = apply(state, next).state
      done.push(next)
    }
  }
  return done
}

function shortestCounterexample(mutant: Mutant) {
  for (const start of [initialState(0, true), initialState(1)]) {
    const { counterexample } = explore(start, mutant)
    if (counterexample) return { start, ...counterexample }
  }
  throw new Error(`no counterexample for "${mutant}"`)
}
