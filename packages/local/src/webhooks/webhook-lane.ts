/** Starts items one after another, in the order they were added. */
export interface Lane<T> {
  readonly add: (item: T) => void
  /** An item that has started is not affected. */
  readonly remove: (item: T) => void
}

/**
 * The next item starts when the previous one has ended or has run this long, so a slow one does not block the others.
 * Each item's own timeout limits how many run concurrently.
 */
const MAX_WAIT_IN_MS = 1000

export function createLane<T>(start: (item: T) => Promise<void>, maxWaitInMs = MAX_WAIT_IN_MS): Lane<T> {
  const waiting = new Set<T>()
  let isMoving = false

  async function move(): Promise<void> {
    isMoving = true
    for (const item of waiting) {
      waiting.delete(item)
      await endOrTimeout(start(item), maxWaitInMs)
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

function endOrTimeout(end: Promise<void>, maxWaitInMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, maxWaitInMs)
    timer.unref()
    end.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}
