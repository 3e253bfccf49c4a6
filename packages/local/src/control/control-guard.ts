import type { Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { matchesPath } from '../http/paths.js'
import { errorAnswer } from '../api/errors.js'
import { isLoopback } from '../support/loopback.js'

/** The path prefix of the control endpoints, which Clerk does not use. */
export const CONTROL_PATH = '/_local'

/** Runs before routing for every path under `/_local`, even unknown ones. */
export function refuseControl(request: EndpointRequest, host: string, known: readonly Endpoint[]): Answer | undefined {
  if (!isControlPath(request.path)) return undefined
  const refusal = refuseCrossOrigin(request, host)
  if (refusal) return refusal
  const controls = known.filter(({ path }) => isControlPath(path))
  if (controls.some(({ path }) => matchesPath(path, request.path))) return undefined
  const paths = new Set(controls.filter(({ listing }) => listing !== 'unlisted').map(({ path }) => path))
  return errorAnswer('resource_not_found', `No such path. Available paths: ${[...paths].join(', ')}`)
}

export function isControlPath(path: string): boolean {
  return path === CONTROL_PATH || path.startsWith(`${CONTROL_PATH}/`)
}

/**
 * Whoever controls the instance can get a token of any user, so pages of another origin must not control it.
 *
 * A page whose name was rebound to loopback still sends that name as `Host`. A page of another origin, including
 * another port of loopback, is recognized by `Origin` or `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). A
 * browser that sends neither needs a preflight request for JSON, and no response allows that.
 *
 * @param host that the instance listens on
 */
function refuseCrossOrigin(request: EndpointRequest, host: string): Answer | undefined {
  const rebound = refuseReboundName(request, host)
  if (rebound) return rebound

  const { headers } = request
  const name = (headers.host ?? '').toLowerCase()
  const site = headers['sec-fetch-site']
  const hasOwnOrigin = headers.origin === undefined || headers.origin === `http://${name}`
  const hasOwnSite = site === undefined || site === 'same-origin' || site === 'none'
  if (hasOwnOrigin && hasOwnSite) return undefined
  return errorAnswer(
    'authorization_invalid',
    'Pages of another origin may not control the instance: send the request without a browser',
  )
}

/**
 * Refuses a host name that DNS rebound to loopback.
 *
 * @param host that the instance listens on
 */
export function refuseReboundName({ headers }: EndpointRequest, host: string): Answer | undefined {
  const hostname = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  if (isLoopback(hostname) || hostname === host.toLowerCase()) return undefined
  return errorAnswer('authorization_invalid', 'The Host header must be a loopback address, such as 127.0.0.1')
}
