const LIMIT = 10

/** The part of a list that a caller asks for, and how long the list is. */
export function pageOf<T>(all: readonly T[], limit = LIMIT, offset: number | null = 0) {
  const start = offset ?? 0
  return { page: all.slice(start, start + limit), total: all.length }
}
