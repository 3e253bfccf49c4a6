import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Answer } from '../api/answer.js'
import { errorAnswerOfStatus } from '../api/errors.js'
import {
  A_BOOLEAN,
  AN_OBJECT,
  NOT_NEGATIVE,
  checkInput,
  isFiniteNumber,
  rule,
  type InputRules,
} from '../support/input.js'

/** How an operation fails. Without `status`, `body` and `retryAfter` it responds as usual. */
export interface Fault {
  /** 200 to 599; default 429 with `retryAfter`, otherwise 200 */
  readonly status?: number
  /** a string is sent unchanged, anything else as JSON; default: Clerk's error body from status 400 on, otherwise empty */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** milliseconds until the response */
  readonly delayInMs?: number
  /** never responds: the caller waits until it gives up or the instance is closed */
  readonly hang?: boolean
  /** seconds, sent as `Retry-After` */
  readonly retryAfter?: number
  /** number of calls that fail; default: until the fault is cleared */
  readonly times?: number
}

/** The effect of a fault on one call. */
export interface FaultEffect {
  readonly hang: boolean
  readonly delayInMs: number
  readonly answer: (() => Answer) | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** @throws {TypeError} if a field of the fault is unknown or invalid, or it has no effect */
export function effectOf(fault: Fault): FaultEffect {
  checkInput('a fault', fault, RULES)
  if (EFFECTS.every((effect) => fault[effect] === undefined))
    throw new TypeError(`a fault requires at least one of ${EFFECTS.join(', ')}`)
  const { hang = false, delayInMs = 0, retryAfter } = fault
  const headers = { ...fault.headers, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) }
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  return { hang, delayInMs, answer: answerOf(fault), headers }
}

function answerOf({ status, body, retryAfter }: Fault): (() => Answer) | undefined {
  if (status === undefined && body === undefined && retryAfter === undefined) return undefined
  const statusOrDefault = status ?? (retryAfter === undefined ? 200 : 429)
  if (body === undefined && statusOrDefault >= 400) return () => errorAnswerOfStatus(statusOrDefault)
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
  return () => ({ status: statusOrDefault, body: text })
}

/** The longest delay of a Node.js timer: it fires immediately for longer ones. */
const MAX_DELAY_IN_MS = 2 ** 31 - 1

const EFFECTS = ['status', 'body', 'headers', 'delayInMs', 'hang', 'retryAfter'] as const

const RULES: InputRules<Fault> = {
  status: rule('a status from 200 to 599', (value) => isIntegerBetween(value, 200, 599)),
  body: rule('a string or a JSON value', (value) => JSON.stringify(value) !== undefined),
  headers: AN_OBJECT,
  delayInMs: rule(
    'milliseconds from 0 to 2147483647',
    (value) => isFiniteNumber(value) && value >= 0 && value <= MAX_DELAY_IN_MS,
  ),
  hang: A_BOOLEAN,
  retryAfter: NOT_NEGATIVE,
  times: rule('a positive integer', (value) => isIntegerBetween(value, 1, Infinity)),
}

function isIntegerBetween(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
}
