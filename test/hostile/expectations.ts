import type { AuthErrorCode } from '@clerk-auth/core'
import { expect } from 'vitest'
import type { Outcome, RequestCase } from './case.js'
import { contentsOf, findLeak, allowedText } from './leaks.js'
import { expectCleanFields, expectRefusal, expectVary } from './refusal.js'
import { fieldsOf, type Answer, type EntryPoint } from './entry-points.js'
import { session } from './token.js'

/** Expects exactly the outcome of the case. */
export function expectOutcome(entryPoint: EntryPoint, { api, outcome }: RequestCase, answer: Answer): void {
  expectCleanFields(answer)
  const isUpToServer = 'code' in outcome ? outcome.byParser : 'status' in outcome && outcome.status >= 400
  if ('never' in outcome || (isUpToServer && entryPoint.parser === 'other'))
    return expect([400, 401, 403, 404, 417]).toContain(answer.status)
  if ('status' in outcome) return expect(answer.status).toBe(outcome.status)
  if ('sees' in outcome) return expectSeen(answer, outcome.sees)
  if (outcome.byParser && entryPoint.parser === 'refuses') return expect(answer.status).toBe(400)
  expectRefusal(answer, codeAt(entryPoint, outcome))
  if (api === 'with cookies' && entryPoint.hasAdapter) expectVary(answer)
}

/** Expects that the handler ran and saw these properties. It must not see those that are `undefined`. */
function expectSeen({ status, body }: Answer, sees: object): void {
  expect(status).toBe(200)
  const seen = JSON.parse(body) as Record<string, unknown>
  expect(Object.fromEntries(Object.keys(sees).map((name) => [name, seen[name]]))).toMatchObject(sees)
}

/** Expects an event for each refusal by an adapter. */
export function expectEvent(entryPoint: EntryPoint, { outcome }: RequestCase, events: readonly string[]): void {
  const isByParser = 'code' in outcome && outcome.byParser && ['refuses', 'other'].includes(entryPoint.parser)
  const isRefusal = 'code' in outcome && entryPoint.hasAdapter && !isByParser
  if (!isRefusal) return
  const code = codeAt(entryPoint, outcome)
  const codes = events.map((event) => (JSON.parse(event) as { code?: string }).code)
  expect(codes).toContain(code)
}

/** Expects that nothing from the request appears in the response, in the error or in the output. */
export function expectNoLeak(
  entryPoint: EntryPoint,
  request: RequestCase,
  { fields, body, loggedError }: Answer,
  output: readonly string[],
): void {
  const { outcome, to } = request
  const code = 'code' in outcome ? codeAt(entryPoint, outcome) : 'credentials-missing'
  // A handler may echo the request, and so may a framework's 404.
  const mayEcho = 'sees' in outcome || 'never' in outcome
  const all = [...fields.flat(), ...(mayEcho ? [] : [body]), loggedError, ...output].join('\n')
  expect(findLeak(sentBy(request), all, allowedText(code, to))).toBeUndefined()
}

/** The code at this entry point, which may see less of the request than others. */
function codeAt(
  entryPoint: EntryPoint,
  { code, bare, byParser }: Extract<Outcome, { readonly code: unknown }>,
): AuthErrorCode {
  if (byParser && entryPoint.parser === 'drops') return 'credentials-missing'
  return entryPoint.bare ? (bare ?? code) : code
}

function sentBy({ send, to, body = '' }: RequestCase): string {
  if ('value' in send) return contentsOf(session())
  const [, query = ''] = to.split('?')
  return [...fieldsOf(send).map(([, value]) => value), query, body].map(contentsOf).join('\n')
}
