import { inject } from 'vitest'
import { remoteAt } from './remote.js'
import { RUNTIMES } from './runtimes.js'

/** The runtime that the global setup has started for this run. */
const { createClerkAuth, targetOf } = remoteAt(inject('ports'))

export { createClerkAuth }
export const name = inject('runtime')
export const targets = RUNTIMES[name].targets.map(targetOf)
