import { describeGuard, type Description } from '@clerk-auth/core'
import { documentRoutes, type DocumentOptions } from '@clerk-auth/core/openapi'
import type { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import { findTargetHandler } from 'hono/utils/handler'

export type { DocumentOptions } from '@clerk-auth/core/openapi'

type App = Pick<Hono, 'routes'>
type Handler = ReturnType<typeof findTargetHandler>

/**
 * Returns a copy of an OpenAPI 3 document, such as one that `hono-openapi` generates, in which the guards of the app are
 * written down: each guarded operation gets `security` and the responses 401, 403 and 503, and each public one
 * `security: []`.
 *
 * An operation is left as it is if the app has no such route, or if it has neither a guard nor a marker. Guards inside
 * `every()`, `some()` and `except()`, and in apps mounted with `mount()`, cannot be seen.
 *
 * @throws {TypeError} if the document is not OpenAPI 3, or if no caller can meet all guards of an operation
 */
export function documentGuards<Document extends object>(
  document: Document,
  app: App,
  options?: DocumentOptions,
): Document {
  // Hono's own router accepts no more routes once it has matched.
  const router = new TrieRouter<Handler>()
  for (const { method, path, handler } of app.routes) router.add(method, path, findTargetHandler(handler))
  return documentRoutes(document, (method, path) => guardsOn(router, method, path), options)
}

function guardsOn(router: TrieRouter<Handler>, method: string, path: string): readonly Description[] {
  // Hono answers HEAD as GET.
  const [matches] = router.match(method === 'HEAD' ? 'GET' : method, path)
  const handlers = matches.map(([handler]) => handler)
  // What declares no next() is the handler of the route; what was added behind it does not run.
  const last = handlers.findIndex((handler) => handler.length < 2)
  return handlers.slice(0, last + 1 || undefined).flatMap((handler) => describeGuard(handler) ?? [])
}
