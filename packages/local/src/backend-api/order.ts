/** The sort keys of a list, by Clerk's names. */
export type SortKeys<T> = Readonly<Record<string, (item: T) => string | number | null>>

/** The field `order_by` of a list. A plus sign that was not encoded arrives as a space. */
export function orderField(keys: SortKeys<never>) {
  return { type: 'string', pattern: new RegExp(`^[-+ ]?(${Object.keys(keys).join('|')})$`) } as const
}

/** @param order such as `-created_at` (newest first); in ascending order, items without a value come first */
export function inOrder<T>(all: readonly T[], keys: SortKeys<T>, order = '-created_at'): readonly T[] {
  const valueOf = keys[order.replace(/^[-+ ]/, '')] ?? (() => null)
  const ascending = all.toSorted((a, b) => compare(valueOf(a), valueOf(b)))
  return order.startsWith('-') ? ascending.toReversed() : ascending
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  return a < b ? -1 : 1
}
