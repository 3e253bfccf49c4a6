import {
  anyNumberOfCallers,
  callsAtOneTime,
  callsByStrangers,
  callsOfKnownTokens,
  headersOfTokens,
  knownTokens,
  largeTokens,
  largeVerdicts,
  passedVerdicts,
  refusedVerdicts,
  verifiedTokens,
  waitingForCalls,
} from './token-floods.js'
import {
  environments,
  issuers,
  keysOfASet,
  listenersOnClose,
  machineClients,
  slowSignatures,
  madeUpKids,
  unknownKids,
  unlikeEnvironments,
  waitingForKeys,
  warnings,
  revocations,
  warningsOfOutages,
} from './other-floods.js'

/** State that is kept between requests, or during several of them. */
export interface Bound {
  readonly what: string
  /** The maximum with the default options. */
  readonly most: number
  readonly unit: string
  readonly how: string
  /** Its place in the sources of the packages, as `package/folder/file › name`. */
  readonly kept: readonly string[]
  /** Tries to exceed the bound, and returns the maximum that was reached. */
  readonly flood: () => Promise<number>
}

const SECOND_CHANCE = 'the oldest that was not read is evicted'

const VERIFIED = ['core/token/verified-cache › entries']
const PASSED = ['core/introspection/introspection-cache › passed']
const REFUSED = ['core/introspection/introspection-cache › refused']
const KNOWN = ['core/introspection/introspection-cache › known']
const IN_FLIGHT = ['core/introspection/slots › taken']
const CALLS = ['core/introspection/slots › waiting', 'core/support/single-flight › flights']
const FOLLOWERS = ['core/support/http › followersOf', 'core/support/http › requests']
const HEADERS = ['core/token/header-cache › headers']
const ABSENT_KIDS = ['core/keys/absent-kids › arrivals']
const LATEST_ISSUER = ['core/token/local-issuer › latest']
const SLOW = ['core/crypto/signature.node › inPool']
const ENVIRONMENTS = ['hono/index › byEnvironment']
const REVOCATIONS = ['core/fleet/revocations › entries', 'core/fleet/revocations › unlogged']
const OUTAGES = ['core/outages › failing', 'core/outages › warnedOfMissing']

/** Every cache and all other state that can grow, in the packages that run in an API. */
export const BOUNDS: readonly Bound[] = [
  bound('verified JWTs', 10_000, 'entries', SECOND_CHANCE, VERIFIED, verifiedTokens),
  bound('verified JWTs', 64, 'counted MiB', SECOND_CHANCE, VERIFIED, largeTokens),
  bound('headers of verified JWTs', 100, 'entries', 'cleared by the next one', HEADERS, headersOfTokens),
  bound("Clerk's responses for accepted tokens", 10_000, 'entries', SECOND_CHANCE, PASSED, passedVerdicts),
  bound("Clerk's responses for accepted tokens", 64, 'MiB', SECOND_CHANCE, PASSED, largeVerdicts),
  bound("Clerk's responses for refused tokens", 1000, 'entries', SECOND_CHANCE, REFUSED, refusedVerdicts),
  bound('tokens that were accepted before', 10_000, 'entries', SECOND_CHANCE, KNOWN, knownTokens),
  bound('concurrent calls to Clerk for unknown tokens', 48, 'calls', 'a count', IN_FLIGHT, callsAtOneTime),
  bound('concurrent calls to Clerk', 64, 'calls', 'a count', IN_FLIGHT, callsOfKnownTokens),
  bound('calls to Clerk, in flight or waiting for a slot', 320, 'calls', 'a count', CALLS, waitingForCalls),
  bound('calls for M2M tokens at once, unknown tokens only', 120, 'calls', 'a token bucket', [], callsByStrangers),
  bound('calls for one token', 1, 'call', 'shared by its callers', CALLS, anyNumberOfCallers),
  bound('keys of an issuer', 64, 'keys', 'a larger set is refused', ['core/keys/jwks › set'], keysOfASet),
  bound('fetches of the key set for made-up kids at once', 2, 'fetches', 'a token bucket', [], madeUpKids),
  bound('key ids that the issuer does not have', 1000, 'entries', SECOND_CHANCE, ABSENT_KIDS, unknownKids),
  bound('concurrent fetches of the key set', 1, 'fetch', 'shared by its callers', [], waitingForKeys),
  bound(
    'listeners on the signal that closes an instance',
    1,
    'listener',
    'one for all calls',
    FOLLOWERS,
    listenersOnClose,
  ),
  bound('slow signature checks', 258, 'signatures', 'two at a time, and a queue', SLOW, slowSignatures),
  bound('known issuers', 4, 'MiB', 'only the latest', LATEST_ISSUER, issuers),
  bound(
    'warnings of an instance about outages',
    8,
    'warnings',
    'one per code and kind, or none',
    OUTAGES,
    warningsOfOutages,
  ),
  bound(
    'revocations',
    100_000,
    'revocations',
    'the others are looked up in the shared store',
    REVOCATIONS,
    revocations,
  ),
  bound(
    'warnings already given',
    8,
    'codes',
    'a fixed list in the sources',
    ['core/support/warning › warned'],
    warnings,
  ),
  bound('tokens of a machine client', 1, 'token', 'one cached, one request at a time', [], machineClients),
  bound('instances for one environment', 1, 'instance', 'one per set of variables', ENVIRONMENTS, environments),
  bound('remnants of other environments', 24, 'MiB', 'weak references', ENVIRONMENTS, unlikeEnvironments),
]

/** Created once, from the options. */
export const MADE_AT_START = [
  'core/config/settings › accepted',
  'core/machine-client/machine-client › origins',
  'core/openapi/security › distinct',
  'core/openapi/security › scopes',
  'fastify/mcp › metadataPaths',
  'fastify/openapi › scopes',
  'fastify/plugin › options',
]

/** Numbers. */
export const COUNTERS = ['core/support/single-flight › started']

function bound(
  what: string,
  most: number,
  unit: string,
  how: string,
  kept: readonly string[],
  flood: Bound['flood'],
): Bound {
  return { what, most, unit, how, kept, flood }
}
