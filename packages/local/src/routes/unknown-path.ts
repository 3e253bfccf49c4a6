import type { Finding } from './finding.js'
import type { Prober } from './probe.js'
import type { Route } from './route.js'

/** A path that no route matches, not even one that has only parameters. */
const UNKNOWN_PATH = '/zq7kx'.repeat(8)

/** Patterns that match every path, such as `*`, `/*rest`, `/{*rest}`, `/:rest{.+}` and `/:rest(.*)`. */
const MATCHES_EVERYTHING = /^\/?(\{?\*\w*\}?|:\w+[({]\.[*+][)}])$/

/**
 * What an anonymous caller gets at a path that no route matches must not be a success. Whatever answers there is not a
 * route, and so not listed: a catch-all function of Express, a handler of unknown paths, or middleware that calls
 * another application.
 */
export async function unknownPathFinding(routes: readonly Route[], prober: Prober): Promise<Finding | undefined> {
  if (routes.some(isCatchAll)) return undefined
  const observation = await prober.probe({ method: 'GET', path: UNKNOWN_PATH, token: undefined, headers: undefined })
  const isAnswered = observation.kind === 'passes' || (observation.kind === 'other' && observation.status < 300)
  if (!isAnswered) return undefined
  return {
    route: 'GET /*',
    text: 'cannot tell: a request that no route matches gets an answer; make what answers it a route',
  }
}

function isCatchAll({ method, path }: Route): boolean {
  return (method === 'GET' || method === 'ALL') && MATCHES_EVERYTHING.test(path)
}
