// Counts how often the key set is fetched.
import { verifyToken } from '@clerk/backend'
import { createClerkAuth } from '@clerk-auth/core'
import { startLocalClerk } from '@clerk-auth/local'
import { check } from './measure.js'
import { printTable, progress } from './report.js'
import { tamper } from './token-parts.js'

/** @typedef {import('@clerk-auth/local').LocalClerk} LocalClerk */

const CALLERS = 1000

export async function keySetFetches() {
  printTable(
    `Fetches of the key set (targets: 1, and at most 2 in total)`,
    ['', `${CALLERS} callers at a cold start`, `and then ${CALLERS} made-up key ids`],
    [
      await count('clerk-auth', ({ url }) => {
        // The default for issuers that are not on loopback.
        const clerk = createClerkAuth({ frontendApiUrl: url, keys: { unknownKidEveryMs: 10_000 } })
        return (token) => clerk.verifyToken(token)
      }),
      await count('@clerk/backend', ({ env }) => {
        const options = { secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL }
        return (token) => verifyToken(token, options)
      }),
    ],
  )
}

/**
 * @param {string} name
 * @param {(local: LocalClerk) => (token: string) => Promise<unknown>} verifierOf
 */
async function count(name, verifierOf) {
  progress(`counting the fetches of ${name}`)
  const local = await startLocalClerk()
  const good = await Promise.all(Array.from({ length: CALLERS }, () => local.sessionToken()))
  const madeUp = await Promise.all(
    Array.from({ length: CALLERS }, (_, i) => local.sessionToken({ header: { kid: `ins_madeup${i}` } })),
  )

  const verify = verifierOf(local)
  const accepted = await acceptedOf(good, verify)
  const atColdStart = local.calls('GetJWKS')
  const acceptedMadeUp = await acceptedOf(madeUp, verify)
  const inAll = local.calls('GetJWKS')
  if (accepted !== CALLERS || acceptedMadeUp !== 0)
    throw new Error(`${name} accepts ${accepted} of ${CALLERS} good tokens and ${acceptedMadeUp} with made-up key ids`)
  const [first = ''] = good
  await check({ name, prepare: (token) => token, verify }, { good: first, tampered: tamper(first) })
  await local.close()
  return [name, String(atColdStart), `${inAll} in total`]
}

/**
 * @param {readonly string[]} tokens
 * @param {(token: string) => Promise<unknown>} verify
 */
async function acceptedOf(tokens, verify) {
  const outcomes = await Promise.allSettled(tokens.map(verify))
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}
