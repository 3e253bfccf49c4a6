import { expect, test } from 'vitest'
import { backupCodesProblem, consumeBackupCode } from '../src/credentials/backup-codes.js'

// bcrypt of "correct horse"
const DIGEST = '$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'

test('a backup code is consumed, plain or as a digest', async () => {
  const codes = ['first', DIGEST, 'last']
  expect(await consumeBackupCode(codes, 'first')).toEqual([DIGEST, 'last'])
  expect(await consumeBackupCode(codes, 'correct horse')).toEqual(['first', 'last'])
  expect(codes).toHaveLength(3)
})

test.each(['', 'other', DIGEST])('%j is not a backup code', async (code) => {
  expect(await consumeBackupCode(['first', DIGEST], code)).toBeUndefined()
})

test('imported backup codes are plain codes or bcrypt digests, at most 50', () => {
  expect(backupCodesProblem(['plain', DIGEST])).toBeUndefined()
  expect(backupCodesProblem([])).toBeUndefined()
  for (const code of ['', DIGEST.slice(0, -1), DIGEST.replace('$04$', '$31$'), 'a'.repeat(73)])
    expect(backupCodesProblem([code])).toBe('must contain only plain codes and bcrypt digests')
  expect(backupCodesProblem(Array<string>(51).fill('a'))).toBe('must have at most 50 codes')
})
