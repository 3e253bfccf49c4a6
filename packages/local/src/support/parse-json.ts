/** @returns `undefined` if `text` is not JSON, or nests deeper than `maxDepth` levels */
export function parseJson(text: string, maxDepth = Infinity): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return maxDepth < Infinity && isDeeperThan(maxDepth, value) ? undefined : value
  } catch {
    return undefined
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member))
}
