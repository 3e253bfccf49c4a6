import assert from 'node:assert/strict'
import { AuthError, toChallenge } from '@clerk-auth/core'

/**
 * Returns the caller, and `passed` or the code of the refusal. Any error other than an `AuthError` is a finding.
 *
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<{ readonly auth: T | undefined, readonly answer: string }>}
 */
export async function answerOf(work) {
  try {
    return { auth: await work, answer: 'passed' }
  } catch (error) {
    if (!AuthError.is(error)) throw error
    return { auth: undefined, answer: checkRefusal(error) }
  }
}

/** What RFC 6750 section 3 allows in a challenge. */
const CHALLENGE =
  /^Bearer realm="api"(, error="[a-z_]+", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"(, scope="[\x20\x21\x23-\x5b\x5d-\x7e]+")?)?$/

/**
 * Checks the response to a refusal: its code is known, and except for the requirement it does not depend on the input.
 *
 * @param {AuthError} error
 * @returns {string} the code
 */
export function checkRefusal(error) {
  const { code, tokenType, scope, reverification, retryAfter } = error
  const { status, headers, body } = toChallenge(error)
  const asked = {
    ...(tokenType && { tokenType }),
    ...(scope && { scope }),
    ...(reverification && { reverification }),
    ...(retryAfter && { retryAfter }),
  }
  assert.deepEqual({ status, headers, body }, toChallenge(new AuthError(code, asked)))
  if (status === 503) assert.match(headers['Retry-After'] ?? '', /^\d+$/)
  else assert.match(headers['WWW-Authenticate'] ?? '', CHALLENGE)
  return code
}

/**
 * @param {string} token
 * @returns {string[]} its header and its payload, as JSON
 */
export function partsOf(token) {
  const [header = '', payload = ''] = token.split('.')
  return [header, payload].map((part) => Buffer.from(part, 'base64url').toString('latin1'))
}

/**
 * @param {string} token
 * @returns {Readonly<Record<string, unknown>>}
 */
export function claimsOf(token) {
  return parsed(partsOf(token)[1] ?? '')
}

/** @param {object} auth */
export function subjectIn(auth) {
  return 'subject' in auth ? auth.subject : 'userId' in auth ? auth.userId : undefined
}

/** @param {string} json bytes, as characters up to 255 */
export function hasDuplicateMember(json) {
  let members = 0
  JSON.parse(json, (_name, value) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) members += Object.keys(value).length
    return value
  })
  const names = [...json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon)
  return members !== names.length
}

/**
 * @param {string} bytes as characters up to 255
 * @returns {any} `undefined` if it is not JSON
 */
export function parsed(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(Buffer.from(bytes, 'latin1')))
  } catch {
    return undefined
  }
}
