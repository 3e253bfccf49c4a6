import { AuthError, toChallenge, type AuthErrorCode } from '@clerk-auth/core'
import { requirementAt } from './guards.js'

/** Characters. What is shorter may be chance. */
const LENGTH = 8

/**
 * The first piece of `sent` that stands in `said`; `undefined` where there is none.
 *
 * @param fixed words that may be said whatever was sent
 */
export function pieceOf(sent: string, said: string, fixed = ''): string | undefined {
  const pieces = piecesOf(sent)
  for (const piece of piecesOf(said)) if (pieces.has(piece) && isTelling(piece) && !fixed.includes(piece)) return piece
  return undefined
}

function piecesOf(text: string): ReadonlySet<string> {
  const pieces = new Set<string>()
  for (let i = 0; i + LENGTH <= text.length; i++) pieces.add(text.slice(i, i + LENGTH))
  return pieces
}

/** Quotes and line ends are where values end: what is on both sides of one is no piece of a value. */
function isTelling(piece: string): boolean {
  return !/["\n]/.test(piece) && new Set(piece).size > 1
}

/** All that is in a credential: the text itself, and the texts that its parts are the base64url of. */
export function contentsOf(credential: string): string {
  const parts = credential.split(/[.\s]/).map((part) => Buffer.from(part, 'base64url').toString())
  return [credential, ...parts].join('\n')
}

/** What may be said of a request whatever was in it: the words of the refusal, what the route asks for, and our names. */
export function wordsOf(code: AuthErrorCode, path: string): string {
  const refusal = JSON.stringify(toChallenge(new AuthError(code)))
  return [refusal, JSON.stringify(requirementAt(path)), 'application/json', 'client_id'].join('\n')
}
