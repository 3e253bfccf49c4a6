import { checkOrigins } from '../config/check-origins.js'
import { isScopeToken } from '../guard/rules.js'
import { checkFields, describe, itemsOf, ownCopy } from '../support/declaration.js'
import { isLoopback } from '../token/local-issuer.js'

export interface ProtectedResourceOptions {
  /**
   * The URL of the resource, such as that of the MCP endpoint: `https://api.example.com/mcp`. The `aud` of OAuth tokens
   * must contain it. `http:` is allowed only for loopback hosts.
   */
  readonly resource: string
  /** The scopes that OAuth clients may request. A guard without `scope` asks for all of them. */
  readonly scopes: readonly string[]
  /** The name that a client shows to its user. */
  readonly name?: string
  /**
   * The ids of OAuth clients whose tokens are accepted without an `aud`. `any`: every client of the Clerk instance. A
   * token with an `aud` must always be for this resource. Default: none.
   */
  readonly clients?: 'any' | readonly string[]
  /**
   * The origins of web pages that may call the resource, besides its own. Requests with another `Origin` are refused.
   * `any`: all of them. Default: none.
   */
  readonly origins?: 'any' | readonly string[]
  /** The path at which this application serves the resource, if a proxy changes it. Default: that of `resource`. */
  readonly path?: string
}

/**
 * A checked, private copy of the options.
 *
 * @throws {TypeError} naming the option and the fix
 */
export function readOptions(declared: ProtectedResourceOptions): ProtectedResourceOptions {
  if (typeof declared !== 'object' || declared === null)
    throw new TypeError(`the options of protectedResource() must be an object, not ${describe(declared)}`)
  checkFields('protectedResource() option', declared, CHECKS)
  for (const name of ['resource', 'scopes'] as const)
    if (declared[name] === undefined) throw new TypeError(`protectedResource() needs the option "${name}"`)
  return ownCopy(declared)
}

const CHECKS = {
  resource: checkResource,
  scopes: (value) => {
    const scopes = Array.isArray(value) ? itemsOf(value) : []
    if (scopes.length === 0 || !scopes.every((scope) => isString(scope) && isScopeToken(scope)))
      return 'must be a non-empty list of scopes, without spaces, quotes or backslashes in them'
    return (
      !scopes.includes('offline_access') ||
      'must not contain "offline_access": it is not a scope of a resource, and clients request it themselves'
    )
  },
  name: (value) => isString(value) || 'must be a non-empty string',
  clients: listOrAny('OAuth client ids'),
  origins: (value) => (Array.isArray(value) ? checkOrigins(itemsOf(value)) : listOrAny('origins')(value)),
  path: (value) => (isString(value) && /^\/[^?#]*$/.test(value)) || 'must be a path that starts with "/"',
} as const satisfies Record<keyof ProtectedResourceOptions, (value: unknown) => true | string>

/** RFC 9728 section 1.2. */
function checkResource(value: unknown): true | string {
  const url = isString(value) && URL.canParse(value) ? new URL(value) : undefined
  if (!url || url.username || url.password || /[?#\s"\\]/.test(value as string))
    return 'must be an absolute URL without a query or fragment, such as "https://api.example.com/mcp"'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return true
  return 'must be an https: URL; http: is allowed only for loopback hosts'
}

function listOrAny(what: string): (value: unknown) => true | string {
  return (value) =>
    value === 'any' || (Array.isArray(value) && itemsOf(value).every(isString)) || `must be "any" or a list of ${what}`
}

function isString(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
