import { EMPTY_ANSWER, jsonAnswer, type Answer } from '../api/answer.js'
import { bearerOf } from '../api/credentials.js'
import type { Endpoint, EndpointRequest, Method } from '../api/endpoint.js'
import { apiVersionOf, type ApiVersion } from '../api/versions.js'
import { settleBilling } from '../billing/item-changes.js'
import type { Instance } from '../instance/instance.js'
import { object, type Fields, type Schema, type Values } from '../model/schema.js'
import type { World } from '../state/world.js'
import { checkParams, readBody, readQuery } from './input.js'

/** One operation of Clerk's Backend API. */
export interface Operation {
  /** operationId in Clerk's specification */
  readonly id: string
  readonly method: Method
  /** such as `/v1/users/{user_id}` */
  readonly path: string
  readonly query: Fields
  readonly body: Schema | undefined
  readonly proxied: boolean
  readonly endpoint: (instance: Instance) => Endpoint
}

/** A call of an operation, with its checked input. */
export interface Call<Query = unknown, Body = unknown> {
  readonly instance: Instance
  readonly world: World
  /** the values in the path */
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly version: ApiVersion
  /** the caller's secret key */
  readonly bearer: string
}

/** What an operation takes and does. */
export interface OperationRules<Q extends Fields, B, R = unknown> {
  /** patterns of the values in the path, default: any */
  readonly params?: Fields
  readonly query?: Q
  readonly body?: Schema<B>
  /**
   * Reads a body of `multipart/form-data`, in place of `body`.
   *
   * @throws {Refusal}
   */
  readonly form?: (request: EndpointRequest) => Promise<B>
  /** the largest body in bytes, default 64 KiB */
  readonly maxBodyBytes?: number
  /** default 200 */
  readonly status?: number
  /** Whether Clerk serves it through a proxy: at `/m2m_tokens` as at `/v1/m2m_tokens`, with another error body. */
  readonly proxied?: boolean
  /**
   * Returns the body of the answer; `undefined`: no body. All changes up to its first `await` are one transaction.
   *
   * @throws {Refusal}
   */
  readonly run: (call: Call<Values<Q>, B>) => R
  /** Makes the answer of what `run` returns; default: JSON */
  readonly answer?: (result: Awaited<R>) => Answer
}

/** @param route such as `POST /v1/users/{user_id}/ban` */
export function operation<const Q extends Fields = Fields, B = unknown, R = unknown>(
  id: string,
  route: `${Method} /${string}`,
  rules: OperationRules<Q, B, R>,
): Operation {
  const { params, query = {} as Q, body = object({}) as Schema<B>, form, maxBodyBytes } = rules
  const { status = 200, proxied = false, run } = rules
  const [method, path] = route.split(' ') as [Method, string]

  async function answer(request: EndpointRequest, instance: Instance): Promise<Answer> {
    if (params) checkParams(request, params)
    const call: Call<Values<Q>, B> = {
      instance,
      world: instance.world,
      params: request.params,
      query: readQuery(request, query),
      body: await bodyOf(request),
      version: apiVersionOf(request),
      bearer: bearerOf(request) ?? '',
    }
    // Not in the transaction, whose changes of a record are one event.
    settleBilling(instance.world)
    const result = await instance.world.transaction(() => run(call))
    if (rules.answer) return rules.answer(result)
    return result === undefined
      ? { ...EMPTY_ANSWER, status: status === 200 ? 204 : status }
      : jsonAnswer(result, status)
  }

  async function bodyOf(request: EndpointRequest): Promise<B> {
    if (method === 'GET') return undefined as B
    return form ? form(request) : readBody(request, body)
  }

  return {
    id,
    method,
    path,
    query,
    body: rules.body,
    proxied,
    endpoint: (instance) => ({
      method,
      path,
      operation: id,
      maxBodyBytes,
      answer: (request) => answer(request, instance),
    }),
  }
}

/** The endpoints of an operation: a proxied one has two paths. */
export function endpointsOf(operation: Operation, instance: Instance): readonly Endpoint[] {
  const endpoint = operation.endpoint(instance)
  return operation.proxied ? [endpoint, { ...endpoint, path: `/v1${endpoint.path}` }] : [endpoint]
}
