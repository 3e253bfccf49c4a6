import {
  anyNumberOfCallers,
  callsAtOneTime,
  callsByStrangers,
  callsOfKnownTokens,
  knownTokens,
  largeTokens,
  largeVerdicts,
  passedVerdicts,
  refusedVerdicts,
  verifiedTokens,
  waitingForCalls,
} from './floods-of-tokens.js'
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
  unroutedRequests,
  waitingForKeys,
  warnings,
  warningsOfOutages,
} from './floods-of-others.js'

/** Something that is kept between requests, or while several of them are under way. */
export interface Bound {
  readonly what: string
  /** The most that there may be, by the options that are the default. */
  readonly most: number
  readonly unit: string
  readonly how: string
  /** Where it is in the sources of the packages, as `package/file › name`. */
  readonly kept: readonly string[]
  /** Tries to get beyond, and gives the most that there was. */
  readonly flood: () => Promise<number>
}

const LRU = 'the least recently used goes'

const VERIFIED = ['core/verified-cache › entries']
const PASSED = ['core/remote-verdicts › passed']
const REFUSED = ['core/remote-verdicts › refused']
const KNOWN = ['core/remote-verdicts › known']
const IN_FLIGHT = ['core/slots › taken']
const CALLS = ['core/slots › waiting', 'core/verify-remote › calls']
const FOLLOWERS = ['core/http › followersOf', 'core/http › requests']
const SLOW = ['core/signature.node › inPool']
const ENVIRONMENTS = ['hono/index › byEnvironment']
const UNROUTED = ['fastify/index › pastOnRequest']
const OUTAGES = ['core/outages › failing', 'core/outages › warnedOfMissing']

/** Every cache and every other thing that could grow, in the packages that run in an API. */
export const BOUNDS: readonly Bound[] = [
  bound('verified JWTs', 10_000, 'entries', LRU, VERIFIED, verifiedTokens),
  bound('verified JWTs', 64, 'MiB as counted', LRU, VERIFIED, largeTokens),
  bound('what Clerk said of tokens that passed', 10_000, 'entries', LRU, PASSED, passedVerdicts),
  bound('what Clerk said of tokens that passed', 64, 'MiB', LRU, PASSED, largeVerdicts),
  bound('what Clerk said of tokens that it refused', 1000, 'entries', LRU, REFUSED, refusedVerdicts),
  bound('tokens that have passed before', 10_000, 'entries', LRU, KNOWN, knownTokens),
  bound('calls to Clerk at one time, by strangers', 48, 'calls', 'a count', IN_FLIGHT, callsAtOneTime),
  bound('calls to Clerk at one time', 64, 'calls', 'a count', IN_FLIGHT, callsOfKnownTokens),
  bound('calls to Clerk, under way or waiting for a slot', 320, 'calls', 'a count', CALLS, waitingForCalls),
  bound('calls about M2M tokens at once, by strangers', 120, 'calls', 'a token bucket', [], callsByStrangers),
  bound('calls about one token', 1, 'call', 'its callers share it', CALLS, anyNumberOfCallers),
  bound('keys of an issuer', 64, 'keys', 'a larger set is refused', ['core/jwks › set'], keysOfASet),
  bound('fetches of the key set for made-up kids at once', 2, 'fetches', 'a token bucket', [], madeUpKids),
  bound('key ids that the issuer lacks', 1000, 'entries', LRU, ['core/absent-kids › arrivals'], unknownKids),
  bound('fetches of the key set at one time', 1, 'fetch', 'its callers share it', [], waitingForKeys),
  bound('listeners on what ends an instance', 1, 'listener', 'one for all calls', FOLLOWERS, listenersOnClose),
  bound('slow signatures', 258, 'signatures', 'two at one time, and a queue', SLOW, slowSignatures),
  bound('what is known of issuers', 4, 'MiB', 'the latest alone', ['core/local-issuer › latest'], issuers),
  bound(
    'warnings of an instance without an answer',
    7,
    'warnings',
    'a code and a kind each',
    OUTAGES,
    warningsOfOutages,
  ),
  bound('warnings that were told', 5, 'codes', 'the sources name them', ['core/warning › told'], warnings),
  bound('tokens of a machine client', 1, 'token', 'one in hand, one mint at a time', [], machineClients),
  bound('instances for one environment', 1, 'instance', 'its variables', ENVIRONMENTS, environments),
  bound('what is left of other environments', 24, 'MiB', 'weak references', ENVIRONMENTS, unlikeEnvironments),
  bound('what is left of requests without a route', 4, 'MiB', 'weak references', UNROUTED, unroutedRequests),
]

/** Made once, of what is in the options. */
export const MADE_AT_START = ['core/settings › accepted', 'core/machine-client › origins']

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
