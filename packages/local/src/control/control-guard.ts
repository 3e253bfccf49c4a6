import type { Answer } from '../http/answer.js'
import { matchPath, type Endpoint, type EndpointRequest } from '../http/endpoint.js'
import { errorAnswer } from '../http/errors.js'
import { isLoopback } from '../http/loopback.js'

/** Under which the instance is controlled. Nothing of Clerk's is there. */
export const CONTROL_PATH = '/_local'

/** Has the first word on every path under `/_local`, those that do not exist too. */
export function refuseControl(request: EndpointRequest, host: string, known: readonly Endpoint[]): Answer | undefined {
  if (!isControlPath(request.path)) return undefined
  const refusal = refuseForeignPage(request, host)
  if (refusal) return refusal
  const controls = known.filter(({ path }) => isControlPath(path))
  if (controls.some(({ path }) => matchPath(path, request.path))) return undefined
  const paths = new Set(controls.filter(({ listing }) => listing !== 'unlisted').map(({ path }) => path))
  return errorAnswer('resource_not_found', `There is only ${[...paths].join(', ')}`)
}

export function isControlPath(path: string): boolean {
  return path === CONTROL_PATH || path.startsWith(`${CONTROL_PATH}/`)
}

/**
 * Whoever controls the instance gets tokens of anybody, so a web page must not do so by way of its reader's browser.
 *
 * A page whose name was rebound to loopback still sends that name as `Host`. A page of another origin, another port of
 * loopback too, is told by `Origin` or `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). Where a browser sends
 * neither, it cannot send JSON without asking first, and no answer allows that.
 *
 * @param host that the instance listens on
 */
function refuseForeignPage(request: EndpointRequest, host: string): Answer | undefined {
  const rebound = refuseReboundName(request, host)
  if (rebound) return rebound

  const { headers } = request
  const name = (headers.host ?? '').toLowerCase()
  const site = headers['sec-fetch-site']
  const isSameOrigin = headers.origin === undefined || headers.origin === `http://${name}`
  const isSameSite = site === undefined || site === 'same-origin' || site === 'none'
  if (isSameOrigin && isSameSite) return undefined
  return errorAnswer('authorization_invalid', 'Pages of another origin control nothing here: ask without a browser')
}

/**
 * Refuses a name that somebody else's DNS rebound to loopback.
 *
 * @param host that the instance listens on
 */
export function refuseReboundName({ headers }: EndpointRequest, host: string): Answer | undefined {
  const hostname = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  if (isLoopback(hostname) || hostname === host.toLowerCase()) return undefined
  return errorAnswer('authorization_invalid', 'The Host header must be a loopback address, such as 127.0.0.1')
}
