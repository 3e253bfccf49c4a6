import { effectOf, type Fault, type FaultEffect } from './fault.js'

/** The calls of the operations, by operationId: how many there were, and which fault the next one gets. */
export interface OperationCalls {
  /** all operations, in alphabetical order */
  readonly names: readonly string[]
  readonly fault: (operation: string, fault?: Fault | null) => () => void
  /** The number of calls of an operation. */
  readonly count: (operation: string) => number
  /** The number of calls for each operation that has been called. */
  readonly counts: () => Readonly<Record<string, number>>
  /** All active faults. */
  readonly faults: () => readonly ActiveFault[]
  /** Counts a call, and returns the effect of the operation's fault, if any. */
  readonly enter: (operation: string) => FaultEffect | undefined
  readonly reset: () => void
}

export interface ActiveFault {
  readonly operation: string
  readonly fault: Fault
  /** `null`: active until it is cleared */
  readonly timesLeft: number | null
}

export function createOperationCalls(names: Iterable<string>): OperationCalls {
  const counts = new Map<string, number>()
  const faults = new Map<string, { readonly fault: Fault; readonly effect: FaultEffect; timesLeft: number }>()
  const known = new Set(names)

  return {
    names: [...known].toSorted((one, other) => one.localeCompare(other, 'en')),
    fault(operation, fault) {
      requireKnown(operation)
      if (!fault) {
        faults.delete(operation)
        return () => {}
      }
      const entry = { fault, effect: effectOf(fault), timesLeft: fault.times ?? Infinity }
      faults.set(operation, entry)
      return () => {
        if (faults.get(operation) === entry) faults.delete(operation)
      }
    },
    count(operation) {
      requireKnown(operation)
      return counts.get(operation) ?? 0
    },
    counts: () => Object.fromEntries(counts),
    faults: () =>
      [...faults].map(([operation, { fault, timesLeft }]) => ({
        operation,
        fault,
        timesLeft: timesLeft === Infinity ? null : timesLeft,
      })),
    enter(operation) {
      counts.set(operation, (counts.get(operation) ?? 0) + 1)
      const entry = faults.get(operation)
      if (!entry) return undefined
      entry.timesLeft -= 1
      if (entry.timesLeft <= 0) faults.delete(operation)
      return entry.effect
    },
    reset() {
      faults.clear()
      counts.clear()
    },
  }

  function requireKnown(operation: string): void {
    if (known.has(operation)) return
    const similar = [...known].find((name) => name.toLowerCase() === operation.toLowerCase())
    const hint = similar === undefined ? `, only ${[...known].join(', ')}` : `: did you mean ${similar}?`
    throw new TypeError(`no operation "${operation}"${hint}`)
  }
}
