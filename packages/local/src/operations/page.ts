import type { World } from '../state/world.js'
import type { BaseRecord } from '../model/record.js'
import { boolean, integer, optional, refined, rule, string } from '../model/schema.js'

const MAX_LIMIT = 500

export const PAGE = {
  limit: optional(integer({ min: 1, max: MAX_LIMIT })),
  offset: optional(integer({ min: 0 })),
} as const

/** A list that is an array, unless the caller asks for an envelope with `paginated=true`. */
export const BARE_PAGE = { ...PAGE, paginated: optional(boolean()) } as const

interface Page {
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export function pageOf<T>(all: readonly T[], { limit = 10, offset = 0 }: Page): readonly T[] {
  return all.slice(offset, offset + limit)
}

/** A page of a list, with the length of the whole list. */
export function enveloped<T>(all: readonly T[], page: Page, answer: (item: T) => unknown) {
  return { data: pageOf(all, page).map(answer), total_count: all.length }
}

/** An array or, with `paginated=true`, an envelope. */
export function barePage<T>(
  all: readonly T[],
  page: Page & { readonly paginated?: boolean | undefined },
  answer: (item: T) => unknown,
) {
  return page.paginated ? enveloped(all, page, answer) : pageOf(all, page).map(answer)
}

/** What a list can be sorted by. */
export type SortKeys<T> = Readonly<Record<string, (item: T, world: World) => string | number | null>>

export const BY_CREATION: SortKeys<BaseRecord> = { created_at: ({ created_at }) => created_at }

/** The parameter `order_by`: the name of a key, after `-` for descending or `+`, which may arrive as a space. */
export function orderBy(keys: SortKeys<never>) {
  const isKnown = (order: string) => Object.hasOwn(keys, order.replace(/^[-+ ]/, ''))
  return optional(
    refined(
      string(),
      rule(
        'form_param_value_invalid',
        `must be one of ${Object.keys(keys).join(', ')}, optionally after + or -`,
        isKnown,
      ),
    ),
  )
}

/**
 * Sorts a list whose items are in the order of their creation.
 *
 * @param order default: newest first, also within a millisecond; in ascending order, items without a value come first
 */
export function inOrder<T>(world: World, items: readonly T[], keys: SortKeys<T>, order = '-created_at'): readonly T[] {
  const keyOf = keys[order.replace(/^[-+ ]/, '')] ?? (() => null)
  const ascending = items
    .map((item) => ({ item, key: keyOf(item, world) }))
    .toSorted((one, other) => compare(one.key, other.key))
    .map(({ item }) => item)
  return order.startsWith('-') ? ascending.toReversed() : ascending
}

function compare(one: string | number | null, other: string | number | null): number {
  if (one === other) return 0
  if (one === null || other === null) return one === null ? -1 : 1
  return one < other ? -1 : 1
}
