/**
 * Runs a task immediately and then repeatedly while the page is visible.
 *
 * @param {() => Promise<unknown>} task
 * @param {() => number} pauseInMs
 * @returns {() => Promise<void>} runs the task now; a call during a run waits for the next run
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
