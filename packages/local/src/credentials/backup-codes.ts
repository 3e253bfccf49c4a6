import { digestProblem, verifyDigest } from './hashers.js'

const MAX_COUNT = 50
const MAX_LENGTH = 72

/** Returns what is wrong with imported codes, each a plain code or its bcrypt digest; `undefined` if nothing is. */
export function backupCodesProblem(codes: readonly string[]): string | undefined {
  if (codes.length > MAX_COUNT) return `must have at most ${MAX_COUNT} codes`
  const isValid = (code: string) =>
    isDigest(code) ? !digestProblem('bcrypt', code) : code !== '' && code.length <= MAX_LENGTH
  return codes.every(isValid) ? undefined : 'must contain only plain codes and bcrypt digests'
}

/** Resolves to the codes that are left, or to `undefined` if the code is not among them. */
export async function consumeBackupCode(
  codes: readonly string[],
  code: string,
): Promise<readonly string[] | undefined> {
  for (const [index, stored] of codes.entries())
    if (isDigest(stored) ? await verifyDigest('bcrypt', stored, code) : stored === code)
      return codes.toSpliced(index, 1)
  return undefined
}

function isDigest(code: string): boolean {
  return code.startsWith('$2')
}
