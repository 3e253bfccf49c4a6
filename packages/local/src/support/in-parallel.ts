/** Runs a task for each item, at most `limit` at the same time. Starts no more once one has failed. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  let hasFailed = false
  async function work(): Promise<void> {
    for (const item of rest) {
      if (hasFailed) return
      try {
        await task(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, work))
}
