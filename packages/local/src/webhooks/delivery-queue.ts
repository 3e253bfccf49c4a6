/** Starts items one after another, in the order they were added. */
export interface Queue<T> {
  readonly add: (item: T) => void
  /** An item that has started is not affected. */
  readonly remove: (item: T) => void
}

/**
 * The next item starts when the previous one has ended or has run this long, so a slow one does not block the others.
 * Each item's own timeout limits how many run concurrently.
 */
const MAX_WAIT_IN_MS = 1000

export function createQueue<T>(start: (item: T) => Promise<void>, maxWaitInMs = MAX_WAIT_IN_MS): Queue<T> {
  const waiting = new Set<T>()
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    for (const item of waiting) {
      waiting.delete(item)
      await endOrTimeout(start(item), maxWaitInMs)
    }
    isRunning = false
  }

  return {
    add(item) {
      waiting.add(item)
      if (!isRunning) void run()
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
