import { context, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api'
import type { Fetch } from '../support/http.js'
import { SCOPE } from './meter.js'

export interface TracedFetchOptions {
  /** Default: the tracer `@clerk-auth/core` of the global provider. */
  readonly tracer?: Tracer
  /** Makes the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

/**
 * A `fetch` for the options, with a client span for each call to Clerk or the issuer, from the request to the headers of
 * the response: `createClerkAuth({ fetch: tracedFetch() })`. Its parent is the active span. Nothing is added to the
 * request.
 *
 * Conventions: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
export function tracedFetch(options: TracedFetchOptions = {}): Fetch {
  const { tracer = trace.getTracer(SCOPE), fetch = (url, init) => globalThis.fetch(url, init) } = options

  return async (url, init) => {
    const method = init.method ?? 'GET'
    const { protocol, hostname, port, origin, pathname } = new URL(url)
    const template = pathname.replace(ID, '/{id}')
    const attributes = {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'url.full': origin + pathname.replace(ID, '/REDACTED'),
      'url.template': template,
    }
    const span = tracer.startSpan(`${method} ${template}`, { kind: SpanKind.CLIENT, attributes })
    try {
      const response = await context.with(trace.setSpan(context.active(), span), () => fetch(url, init))
      span.setAttribute('http.response.status_code', response.status)
      if (response.status >= 400) fail(span, String(response.status))
      return response
    } catch (error) {
      fail(span, init.signal?.aborted ? 'aborted' : kindOf(error))
      throw error
    } finally {
      span.end()
    }
  }
}

/** An id of Clerk's in a path, such as `/sessions/sess_…`. */
const ID = /\/[a-z]+_\w{20,}(?=\/|$)/g

function fail(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Not the message of the error, which may contain bytes of the response. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  const code: unknown = (error.cause as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z][A-Z_]{1,40}$/.test(code) ? code : error.name
}
