import { AuthError, toChallenge, type AuthErrorCode } from '@clerk-auth/core'
import { requirementAt } from './guards.js'

/** In characters. Shorter matches may be coincidence. */
const LENGTH = 8

/**
 * Returns the first substring of `sent` that appears in `output`, or `undefined`.
 *
 * @param allowed text that may appear whatever was sent
 */
export function findLeak(sent: string, output: string, allowed = ''): string | undefined {
  const substrings = substringsOf(sent)
  for (const substring of substringsOf(output))
    if (substrings.has(substring) && isRevealing(substring) && !allowed.includes(substring)) return substring
  return undefined
}

function substringsOf(text: string): ReadonlySet<string> {
  const substrings = new Set<string>()
  for (let i = 0; i + LENGTH <= text.length; i++) substrings.add(text.slice(i, i + LENGTH))
  return substrings
}

/** Values end at quotes and line breaks, so a substring across one is not part of a value. */
function isRevealing(substring: string): boolean {
  return !/["\n]/.test(substring) && new Set(substring).size > 1
}

/** A credential and its decoded parts. */
export function contentsOf(credential: string): string {
  const parts = credential.split(/[.\s]/).map((part) => Buffer.from(part, 'base64url').toString())
  return [credential, ...parts].join('\n')
}

/** Text that a refusal may contain: the challenge, the route's requirement, and fixed names. */
export function allowedText(code: AuthErrorCode, path: string): string {
  const refusal = JSON.stringify(toChallenge(new AuthError(code)))
  return [refusal, JSON.stringify(requirementAt(path)), 'application/json', 'client_id', 'session_token'].join('\n')
}
