import { safeGet } from '../support/safe-get.js'

/** Where a request is read from: what a framework, the Fetch API or Node hands out, or a function. */
export type AuthSource =
  | {
      readonly headers: FetchHeaders | HeaderRecord
      /** Node's, where two headers of one name can still be told. */
      readonly rawHeaders?: readonly string[]
      /** Only read beside a cookie. */
      readonly method?: string | undefined
    }
  | FetchHeaders
  | HeaderReader

/** Gives the value of the header with this lower-case name. */
export type HeaderReader = (lowerCaseName: string) => string | undefined
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>
export interface FetchHeaders {
  get(name: string): string | null
}

/**
 * The value of a header, as the source has it: perhaps a list, and whatever else an application's own source gives.
 *
 * @returns `undefined` where there is no such header
 * @throws {TypeError} where `source` has no headers to read
 */
export function headerOf(source: AuthSource, lowerCaseName: string): unknown {
  if (typeof source === 'function') return source(lowerCaseName) ?? undefined

  // `headers` before `get`: a request of Express has a `get` too, which does not tell two headers of one name.
  const { headers } = (source ?? {}) as { headers?: unknown }
  if (typeof headers === 'object' && headers !== null && !isFetchHeaders(headers))
    return safeGet(headers, lowerCaseName) ?? undefined
  const fetchHeaders = headers ?? source
  if (isFetchHeaders(fetchHeaders)) return fetchHeaders.get(lowerCaseName) ?? undefined
  throw new TypeError(
    'the source has no headers: give a Request, Headers, an IncomingMessage, { headers } or a function',
  )
}

/** The method of the request, where the source tells it. */
export function methodOf(source: AuthSource): unknown {
  return typeof source === 'object' ? safeGet(source, 'method') : undefined
}

/** How often a header stands in the request, where the source tells: Node keeps the first of two and drops the second. */
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
