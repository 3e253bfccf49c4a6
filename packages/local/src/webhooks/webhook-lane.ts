/** Starts one after another, in the order in which they came. */
export interface Lane<T> {
  readonly add: (item: T) => void
  /** One that has started goes on. */
  readonly remove: (item: T) => void
}

/**
 * The next one starts when the last one has ended, or has had this long to: what takes its time holds up nobody, and no
 * more of them run at once than how long each may take says.
 */
const PATIENCE_IN_MS = 1000

export function createLane<T>(start: (item: T) => Promise<void>, patienceInMs = PATIENCE_IN_MS): Lane<T> {
  const waiting = new Set<T>()
  let isMoving = false

  async function move(): Promise<void> {
    isMoving = true
    for (const item of waiting) {
      waiting.delete(item)
      await endOrPatience(start(item), patienceInMs)
    }
    isMoving = false
  }

  return {
    add(item) {
      waiting.add(item)
      if (!isMoving) void move()
    },
    remove: (item) => void waiting.delete(item),
  }
}

function endOrPatience(end: Promise<void>, patienceInMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, patienceInMs)
    timer.unref()
    end.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}
