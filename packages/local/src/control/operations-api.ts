import { jsonAnswer } from '../api/answer.js'
import type { Endpoint, Method } from '../api/endpoint.js'
import type { Schema } from '../model/schema.js'
import { OPERATIONS } from '../operations/operations.js'
import { control } from './control.js'

/** How to call an operation of the Backend API. */
export interface OperationView {
  readonly id: string
  readonly method: Method
  /** such as `/v1/users/{user_id}` */
  readonly path: string
  /** names of the query parameters */
  readonly query: readonly string[]
  /** names of the fields of the JSON body */
  readonly body: readonly string[]
}

/** Lists the operations of the Backend API, for the page. */
export function operationsApi(): Endpoint {
  return control('GET', '/_local/operations', () => jsonAnswer({ operations: OPERATIONS.map(viewOf) }))
}

function viewOf({ id, method, path, query, body }: (typeof OPERATIONS)[number]): OperationView {
  return { id, method, path, query: Object.keys(query), body: fieldsOf(body) }
}

function fieldsOf(body: Schema | undefined): readonly string[] {
  return body && 'entries' in body ? Object.keys(body.entries as object) : []
}
