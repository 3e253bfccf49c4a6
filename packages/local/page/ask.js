import { noteResponse } from './connection.js'

const TIMEOUT_IN_MS = 10_000

/**
 * The outcome of a request to the instance. A problem is a sentence.
 *
 * @template T
 * @typedef {{ readonly ok: true, readonly value: T } | { readonly ok: false, readonly problem: string }} Outcome
 */

/**
 * @template T
 * @param {string} path
 * @returns {Promise<Outcome<T>>}
 */
export function get(path) {
  return ask(path, {})
}

/**
 * @template T
 * @param {string} path
 * @param {object} body
 * @returns {Promise<Outcome<T>>}
 */
export function post(path, body) {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/**
 * @template T
 * @param {string} path
 * @returns {Promise<Outcome<T>>}
 */
export function remove(path) {
  return ask(path, { method: 'DELETE' })
}

/**
 * @template T
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Outcome<T>>}
 */
async function ask(path, options) {
  try {
    const response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_IN_MS) })
    const answer = await response.json()
    noteResponse(true)
    return response.ok ? { ok: true, value: answer } : { ok: false, problem: problemIn(answer, response.status) }
  } catch {
    noteResponse(false)
    return { ok: false, problem: 'The instance does not respond.' }
  }
}

/**
 * @param {{ readonly errors?: readonly { readonly long_message?: string }[] }} answer
 * @param {number} status
 */
function problemIn(answer, status) {
  const message = answer.errors?.[0]?.long_message ?? `The instance responded with status ${status}`
  return message.endsWith('.') ? message : `${message}.`
}
