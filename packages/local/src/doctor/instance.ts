import { isObject } from '../support/input.js'
import { ask, type Reply } from '../support/ask.js'
import { note, ok, problem, type Finding } from './finding.js'
import type { Settings } from './settings.js'

/** What APIs allow by default. */
const CLOCK_SKEW_IN_MS = 5_000

/** Whether the issuer publishes keys, the secret key works, both belong to one instance, and the clocks agree. */
export async function checkInstance({ issuer, apiUrl, secretKey }: Settings): Promise<readonly Finding[]> {
  const published = issuer === undefined ? undefined : await ask(`${issuer}/.well-known/jwks.json`)
  const own = secretKey === undefined ? undefined : await ask(`${apiUrl}/v1/jwks`, secretKey)
  return [
    ...(published ? [issuerFinding(issuer ?? '', published)] : []),
    ...(own ? [secretFinding(apiUrl, own)] : []),
    ...(published && own ? sameInstance(published, own) : []),
    ...clockFindings(published ?? own),
  ]
}

function issuerFinding(issuer: string, reply: Reply): Finding {
  if (reply.status === undefined)
    return problem(
      `${issuer} does not publish keys: ${reply.problem}`,
      'start the local instance, or check the network and CLERK_PUBLISHABLE_KEY',
    )
  if (isTemporary(reply.status)) return note(`${issuer} answers with status ${reply.status}`, 'try again later')
  const keys = keysIn(reply)
  if (keys.length === 0)
    return problem(
      `${issuer} publishes no keys (status ${reply.status})`,
      'check CLERK_PUBLISHABLE_KEY or CLERK_FAPI: it must be the Frontend API of the instance',
    )
  const names = keys.map(({ kid, alg }) => `${kid} (${alg})`)
  return ok(`${issuer} publishes ${keys.length === 1 ? 'the key' : 'the keys'} ${names.join(', ')}`)
}

function secretFinding(apiUrl: string, reply: Reply): Finding {
  if (reply.status === 200) return ok(`CLERK_SECRET_KEY works at ${apiUrl}`)
  if (reply.status === undefined)
    return problem(`${apiUrl} does not answer: ${reply.problem}`, 'check the network and CLERK_API_URL')
  if (reply.status === 401)
    return problem(
      `${apiUrl} refuses CLERK_SECRET_KEY`,
      'the key was deleted or belongs to another instance: copy it again',
    )
  return note(`${apiUrl} answers with status ${reply.status}`, 'try again later')
}

/** An outage or a rate limit says nothing about the keys. */
function isTemporary(status: number): boolean {
  return status === 429 || status >= 500
}

/** A secret key gets the key set of its own instance. */
function sameInstance(published: Reply, own: Reply): readonly Finding[] {
  const [kids, ownKids] = [keysIn(published), keysIn(own)].map((keys) => keys.map(({ kid }) => kid))
  if (!kids?.length || !ownKids?.length) return []
  if (ownKids.some((kid) => kids.includes(kid))) return [ok('Both keys belong to the same instance')]
  return [
    problem(
      'CLERK_SECRET_KEY and CLERK_PUBLISHABLE_KEY belong to different instances',
      'copy both from one instance: neither knows the tokens of the other',
    ),
  ]
}

/** The header `Date` has a precision of a second. */
function clockFindings(reply: Reply | undefined): readonly Finding[] {
  if (reply?.status === undefined || reply.serverTime === undefined) return []
  const skew = Date.now() - reply.serverTime
  const seconds = Math.round(Math.abs(skew) / 1000)
  if (Math.abs(skew) <= CLOCK_SKEW_IN_MS) return [ok('The clock of this machine agrees with Clerk’s')]
  return [
    problem(
      `The clock of this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} Clerk’s`,
      'synchronize it with NTP: tokens live for a minute, and are refused as expired or not active yet',
    ),
  ]
}

interface NamedKey {
  readonly kid: string
  readonly alg: string
}

function keysIn(reply: Reply): readonly NamedKey[] {
  if (reply.status !== 200 || !isObject(reply.body)) return []
  const { keys } = reply.body as { readonly keys?: unknown }
  if (!Array.isArray(keys)) return []
  return keys.filter(isObject).map((key) => {
    const { kid, alg } = key as Partial<NamedKey>
    return { kid: String(kid), alg: String(alg) }
  })
}
