/**
 * Shortens an input that is still bad, by removing smaller and smaller pieces.
 *
 * @param {string} input
 * @param {(input: string) => Promise<boolean>} isBad
 */
export async function shrink(input, isBad) {
  let smallest = input
  for (let size = input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < smallest.length;) {
      const smaller = smallest.slice(0, at) + smallest.slice(at + size)
      if (await isBad(smaller)) smallest = smaller
      else at += size
    }
  }
  return smallest
}
