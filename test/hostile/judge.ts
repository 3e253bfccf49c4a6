import type { AuthErrorCode } from '@clerk-auth/core'
import { expect } from 'vitest'
import type { Outcome, RequestCase } from './case.js'
import { contentsOf, pieceOf, wordsOf } from './pieces.js'
import { expectCleanFields, expectRefusal, expectVary } from './refusal.js'
import { fieldsOf, type Answer, type Stand } from './stands.js'
import { session } from './token.js'

/** That a stand answers what the case says, to the letter. */
export function expectOutcome(stand: Stand, { api, outcome }: RequestCase, answer: Answer): void {
  expectCleanFields(answer)
  if ('status' in outcome) return expect(answer.status).toBe(outcome.status)
  if ('never' in outcome) return expect([400, 401, 403, 404]).toContain(answer.status)
  if ('sees' in outcome) return expectSeen(answer, outcome.sees)
  if (outcome.byParser && stand.parser === 'refuses') return expect(answer.status).toBe(400)
  expectRefusal(answer, codeAt(stand, outcome))
  if (api === 'with cookies' && stand.parser !== 'none') expectVary(answer)
}

/** That a handler answered, and saw this. What is `undefined` it must not have seen. */
function expectSeen({ status, body }: Answer, sees: object): void {
  expect(status).toBe(200)
  const seen = JSON.parse(body) as Record<string, unknown>
  expect(Object.fromEntries(Object.keys(sees).map((name) => [name, seen[name]]))).toMatchObject(sees)
}

/** Expects an event about each refusal of a guard. */
export function expectTold(stand: Stand, { outcome }: RequestCase, events: readonly string[]): void {
  const isRefusal = 'code' in outcome && stand.parser !== 'none' && !(outcome.byParser && stand.parser === 'refuses')
  if (!isRefusal) return
  const code = codeAt(stand, outcome)
  const codes = events.map((event) => (JSON.parse(event) as { code?: string }).code)
  expect(codes).toContain(code)
}

/** That nothing which was sent is said again: in the answer, to the operator, or elsewhere. */
export function expectNoPiece(
  stand: Stand,
  request: RequestCase,
  { fields, body, toldOperator }: Answer,
  elsewhere: readonly string[],
): void {
  const { outcome, to } = request
  const code = 'code' in outcome ? codeAt(stand, outcome) : 'credentials-missing'
  // What a handler answers is its own to say, and so is what a framework says of a route that there is not.
  const mayEcho = 'sees' in outcome || 'never' in outcome
  const said = [...fields.flat(), ...(mayEcho ? [] : [body]), toldOperator, ...elsewhere].join('\n')
  expect(pieceOf(sentBy(request), said, wordsOf(code, to))).toBeUndefined()
}

/** What is refused at this stand, which may see less of the request than others. */
function codeAt(stand: Stand, { code, bare, byParser }: Extract<Outcome, { readonly code: unknown }>): AuthErrorCode {
  if (byParser && stand.parser === 'drops') return 'credentials-missing'
  return stand.bare ? (bare ?? code) : code
}

function sentBy({ send, to, body = '' }: RequestCase): string {
  if ('value' in send) return contentsOf(session())
  const [, query = ''] = to.split('?')
  return [...fieldsOf(send).map(([, value]) => value), query, body].map(contentsOf).join('\n')
}
