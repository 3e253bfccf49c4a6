import type { LocalClerk } from '../local-clerk.js'
import type { Seed } from '../seed/seed.js'
import { inOneLine } from './one-line.js'

const TTL_IN_SECONDS = 8 * 3600

/** A session token for each person and the secret key of each machine. */
export async function tokenList(local: LocalClerk<Seed>): Promise<string> {
  const people = Object.values(local.people).map(async ({ name }) => [
    `  ${inOneLine(name)}`,
    `    ${await local.sessionToken({ user: name, ttlInSeconds: TTL_IN_SECONDS })}`,
  ])
  const machines = Object.values(local.machines).map(({ name, secretKey }) => [
    `  ${inOneLine(name)}`,
    `    ${secretKey}`,
  ])
  return [
    'Session tokens, valid for 8 h:',
    ...(await Promise.all(people)).flat(),
    'Secret keys of machines:',
    ...machines.flat(),
  ].join('\n')
}
