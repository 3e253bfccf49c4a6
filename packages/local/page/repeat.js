/**
 * Does something at once, and again and again while the page is in sight.
 *
 * @param {() => Promise<unknown>} task
 * @param {() => number} pauseInMs
 * @returns {() => Promise<void>} does it now; whoever comes while it is being done waits for the next time
 */
export function repeatWhileVisible(task, pauseInMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {Promise<void> | undefined} */
  let running
  /** @type {Promise<void> | undefined} */
  let next

  async function run() {
    clearTimeout(timer)
    try {
      await task()
    } finally {
      running = undefined
      clearTimeout(timer)
      timer = setTimeout(tick, pauseInMs())
    }
  }

  function start() {
    return (running ??= run())
  }

  function tick() {
    if (!document.hidden && !running) void start()
  }

  document.addEventListener('visibilitychange', tick)
  void start()
  return () => {
    if (!running) return start()
    next ??= running.then(() => {
      next = undefined
      return start()
    })
    return next
  }
}
