import { isGuarded } from './chains.js'
import type { ProbeResult, ProbeRoute } from './probe-route.js'
import { INSTANCE_CODES } from './route-finding.js'
import type { Route } from './route.js'

/**
 * Calls routes until one accepts a caller, because an application that does not use the local instance would give the
 * same finding for each of its routes.
 *
 * @throws {Error} with one line, if every valid token is refused because of its issuer
 */
export async function checkInstance(routes: readonly Route[], probeRoute: ProbeRoute): Promise<void> {
  let problem: string | undefined
  for (const route of routes.filter(isGuarded)) {
    const probed = await probeRoute(route, [])
    if ('notProbed' in probed) continue
    const found = problemIn(probed.results)
    if (found === undefined) return
    problem ??= found
  }
  if (problem !== undefined) throw new Error(problem)
}

function problemIn(results: readonly ProbeResult[]): string | undefined {
  const valid = results.filter(({ persona }) => persona?.auth.isAuthenticated)
  if (valid.some(({ observation }) => observation.kind === 'passes')) return undefined
  for (const { observation } of valid) {
    const code = observation.kind === 'passes' ? undefined : observation.code
    const advice = code === undefined ? undefined : adviceFor(code)
    if (advice !== undefined) return `the application does not accept tokens of the local instance (${code}): ${advice}`
  }
  return undefined
}

function adviceFor(code: string): string | undefined {
  if (code === 'token-invalid-authorized-parties') return 'pass one of its authorized parties as --azp'
  if (code === 'token-invalid-audience') return 'leave its audience to the environment'
  if (INSTANCE_CODES.has(code) || OUTAGE_CODES.has(code))
    return 'its options in code point to another instance, so leave keys and URLs to the environment'
  return undefined
}

/** The codes while the other instance cannot be reached. */
const OUTAGE_CODES: ReadonlySet<string> = new Set([
  'keys-unavailable',
  'verification-misconfigured',
  'verification-unavailable',
])
