import { jsonAnswer, type Answer } from '../api/answer.js'

const LIMIT = 10

/** The paging parameters of lists in the core Backend API. */
export const PAGE_FIELDS = {
  limit: { type: 'integer', min: 1, max: 500 },
  offset: { type: 'integer', min: 0 },
} as const

/** For lists that are bare arrays unless `paginated` asks for the total count. */
export const BARE_PAGE_FIELDS = { ...PAGE_FIELDS, paginated: { type: 'boolean' } } as const

interface AskedPage {
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly paginated?: boolean | undefined
}

/** The requested page of a list, and the list's total length. */
export function pageOf<T>(all: readonly T[], limit = LIMIT, offset = 0) {
  return { page: all.slice(offset, offset + limit), total: all.length }
}

export function pageAnswer<T>(all: readonly T[], { limit, offset }: AskedPage, json: (item: T) => unknown): Answer {
  const { page, total } = pageOf(all, limit, offset)
  return jsonAnswer({ data: page.map(json), total_count: total })
}

/** For {@link BARE_PAGE_FIELDS}. */
export function barePageAnswer<T>(all: readonly T[], asked: AskedPage, json: (item: T) => unknown): Answer {
  if (asked.paginated) return pageAnswer(all, asked, json)
  return jsonAnswer(pageOf(all, asked.limit, asked.offset).page.map(json))
}
