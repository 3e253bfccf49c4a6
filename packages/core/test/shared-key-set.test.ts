import { describe, expect, test } from 'vitest'
import type { Found, Sharing } from '../src/fleet/sharing.js'
import { claimKeySet } from '../src/keys/shared-key-set.js'
import { issuerKey, MINUTE } from './fixtures.js'

const KEY = issuerKey()
const URL = 'https://clerk.example.com/.well-known/jwks.json'

/** A store in which there is a key set of this age. */
function sharing(ageInMs: number): Sharing {
  const found: Found = { value: { jwks: { keys: [KEY.jwk] }, freshFor: MINUTE }, ageInMs, position: '' }
  const claim: Sharing['claim'] = async (_about, isUsable) => {
    const usable = await isUsable(found)
    return usable === undefined ? { settle: async () => {} } : { found: usable }
  }
  return { claim } as Sharing
}

describe('a shared key set', () => {
  test.each([
    ['is used by a process without one', 5000, Number.POSITIVE_INFINITY, true],
    ['is used by a process with an older one', 5000, 6000, true],
    ['is not used by a process with a newer one', 5000, 4000, false],
    // The ages are measured by different clocks, so the same set may look a little younger.
    ['is not used again by a process that has taken it over, which would never ask the issuer', 5000, 5000.9, false],
  ])('%s', async (_what, ageInMs, olderThanMs, isUsed) => {
    expect('found' in (await claimKeySet(sharing(ageInMs), URL, olderThanMs))).toBe(isUsed)
  })
})
