import { safeGet } from '../support/safe-get.js'

/** A source of request headers: a request or headers object of a framework, the Fetch API or Node, or a function. */
export type AuthSource =
  | {
      readonly headers: FetchHeaders | HeaderRecord
      /** Node's raw headers, which keep duplicates. */
      readonly rawHeaders?: readonly string[]
      /** Used only with cookies. */
      readonly method?: string | undefined
    }
  | FetchHeaders
  | HeaderReader

/** Returns the value of a header, by its lower-case name. */
export type HeaderReader = (lowerCaseName: string) => string | undefined
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>
export interface FetchHeaders {
  get(name: string): string | null
}

/**
 * The value of a header as provided by the source: it may be a list, or anything else from a custom source.
 *
 * @returns `undefined` if the header is missing
 * @throws {TypeError} if `source` has no headers
 */
export function headerOf(source: AuthSource, lowerCaseName: string): unknown {
  if (typeof source === 'function') return source(lowerCaseName) ?? undefined

  // `headers` before `get`: an Express request also has a `get`, which hides duplicate headers.
  const { headers } = (source ?? {}) as { headers?: unknown }
  if (typeof headers === 'object' && headers !== null && !isFetchHeaders(headers))
    return safeGet(headers, lowerCaseName) ?? undefined
  const fetchHeaders = headers ?? source
  if (isFetchHeaders(fetchHeaders)) return fetchHeaders.get(lowerCaseName) ?? undefined
  throw new TypeError(
    'the source has no headers: pass a Request, Headers, an IncomingMessage, { headers } or a function',
  )
}

/** The method of the request, if the source has it. */
export function methodOf(source: AuthSource): unknown {
  return typeof source === 'object' ? safeGet(source, 'method') : undefined
}

/** Counts how many times a header was sent, if the source keeps duplicates (Node's `rawHeaders`). */
export function countOf(source: AuthSource, lowerCaseName: string): number {
  const rawHeaders = (source as { readonly rawHeaders?: readonly string[] | null } | null)?.rawHeaders ?? []
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) count++
  }
  return count
}

function isFetchHeaders(value: unknown): value is FetchHeaders {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function'
}
