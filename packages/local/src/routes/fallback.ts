import type { Finding } from './finding.js'
import type { Prober } from './probe.js'
import type { Route } from './route.js'

/** A path that no application has a route for. */
const UNKNOWN_PATH = '/zq7kx/zq7kx'

/** Patterns of the frameworks that match every path. */
const MATCHES_EVERYTHING = /^\/?\{?\*/

/**
 * Whether strangers get an answer where no route is. What answers them is no route, so it is not listed: a catch-all
 * function of Express, a handler of unknown paths, middleware that calls another application.
 */
export async function findingOfUnknownPath(routes: readonly Route[], prober: Prober): Promise<Finding | undefined> {
  if (routes.some(({ path }) => MATCHES_EVERYTHING.test(path))) return undefined
  const observation = await prober.probe({ method: 'GET', path: UNKNOWN_PATH, token: undefined, headers: undefined })
  const isAnswered = observation.kind === 'passes' || (observation.kind === 'other' && observation.status < 300)
  return isAnswered
    ? {
        route: 'GET /*',
        text: 'cannot tell: a request that no route matches gets an answer; make what answers it a route',
      }
    : undefined
}
