import type { EndpointRequest } from '../api/endpoint.js'
import { OAuthError } from './oauth-error.js'

/** The parameters of a request of a client. An empty one is like a missing one (RFC 6749 section 3.1). */
export interface OAuthParameters {
  /** `undefined` also for one that was sent more than once */
  readonly get: (name: string) => string | undefined
  readonly all: (name: string) => readonly string[]
  readonly names: readonly string[]
  /** why the request as a whole is invalid */
  readonly problem: string | undefined
}

/** The only one that may be repeated: RFC 8707 section 2. */
const REPEATABLE = 'resource'

/** Characters. */
const MAX_LENGTH = 4096

export function queryParameters({ query }: EndpointRequest): OAuthParameters {
  return parametersOf(query, undefined)
}

/** @throws {OAuthError} if the body is not a form */
export async function formParameters(request: EndpointRequest): Promise<OAuthParameters> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded')
    throw new OAuthError('invalid_request', 'The Content-Type must be application/x-www-form-urlencoded.')
  const text = await request.readText()
  const isBroken = /%(?![0-9a-f]{2})/i.test(text)
  return parametersOf(new URLSearchParams(text), isBroken ? 'The body is not form-encoded.' : undefined)
}

/** @throws {OAuthError} if the request as a whole is invalid */
export async function validForm(request: EndpointRequest): Promise<OAuthParameters> {
  const parameters = await formParameters(request)
  if (parameters.problem !== undefined) throw new OAuthError('invalid_request', parameters.problem)
  return parameters
}

/** @throws {OAuthError} if there is no such parameter */
export function required(parameters: OAuthParameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `The ${name} parameter is missing.`)
  return value
}

function parametersOf(sent: URLSearchParams, problem: string | undefined): OAuthParameters {
  const given = [...sent].filter(([, value]) => value !== '')
  const all = (name: string) => given.filter(([other]) => other === name).map(([, value]) => value)
  const names = [...new Set(given.map(([name]) => name))]
  return {
    all,
    names,
    get(name) {
      const [value, ...more] = all(name)
      return more.length === 0 ? value : undefined
    },
    problem: problem ?? problemOf(given),
  }
}

function problemOf(given: readonly (readonly [name: string, value: string])[]): string | undefined {
  const names = given.map(([name]) => name).filter((name) => name !== REPEATABLE)
  if (new Set(names).size < names.length) return 'A parameter was sent more than once.'
  if (given.some(([, value]) => value.length > MAX_LENGTH))
    return `A parameter is longer than ${MAX_LENGTH} characters.`
  if (given.some(([, value]) => value.includes('\uFFFD'))) return 'A parameter is not UTF-8.'
  return undefined
}
