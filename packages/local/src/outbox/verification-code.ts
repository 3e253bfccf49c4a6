import { randomInt } from 'node:crypto'
import { TEST_CODE, isTestEmail, isTestPhone } from '../people/test-identifiers.js'

/** A code of six digits: `424242` for Clerk's test addresses and numbers, and random for others, as in the outbox. */
export function verificationCodeFor(identifier: string): string {
  if (isTestEmail(identifier) || isTestPhone(identifier)) return TEST_CODE
  return String(randomInt(1_000_000)).padStart(6, '0')
}
