import { describeGuard, type Description } from '@clerk-auth/core'
import { documentOperations, type DocumentOptions } from '@clerk-auth/core/openapi'
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
  return documentOperations(document, ({ method, path }) => firstMatch(router, method, path), options)
}

// A route may restrict its parameters: to numbers, for example. Values that no other route is likely to name.
const SAMPLES = ['zq7kx', '4217', '6f9619ff-8b86-4d01-b42d-00cf4fc964ff']

/** Where the value of a parameter decides which route answers, the one with the most guards. */
function firstMatch(router: TrieRouter<Handler>, method: string, template: string): readonly Description[] | undefined {
  const found = SAMPLES.map((sample) => guardsOn(router, method, template.replace(/\{[^}]*\}/g, sample)))
  const countOf = (guards: readonly Description[]) => guards.filter(({ isPublic }) => !isPublic).length
  return found.filter((guards) => guards.length > 0).toSorted((a, b) => countOf(b) - countOf(a))[0]
}

function guardsOn(router: TrieRouter<Handler>, method: string, path: string): readonly Description[] {
  // Hono answers HEAD as GET.
  const [matches] = router.match(method === 'HEAD' ? 'GET' : method, path)
  const handlers = matches.map(([handler]) => handler)
  // What declares no next() is the handler of the route; what was added behind it does not run.
  const last = handlers.findIndex((handler) => handler.length < 2)
  return handlers.slice(0, last + 1 || undefined).flatMap((handler) => describeGuard(handler) ?? [])
}
