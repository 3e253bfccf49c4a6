/**
 * Runs a task for each item, at most `limit` at the same time. Starts no more once one has failed.
 *
 * @returns the results, in the order of the items
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const rest = items.entries()
  let hasFailed = false
  async function work(): Promise<void> {
    for (const [i, item] of rest) {
      if (hasFailed) return
      try {
        results[i] = await task(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, work))
  return results
}
