import type { Method } from '../api/endpoint.js'
import type { Refusal } from '../api/errors.js'
import { optional, string, type Fields, type Schema, type Values } from '../model/schema.js'
import { TABLES, type Records, type TableName } from '../model/tables.js'
import type { Tables } from '../state/world.js'
import { operation, type Call, type Operation, type OperationRules } from './operation.js'
import { BARE_PAGE, BY_CREATION, PAGE, barePage, enveloped, inOrder, orderBy, type SortKeys } from './page.js'

/** How the records of a table are addressed and shown. */
export interface ResourceRules<Name extends TableName> {
  /** of the list, such as `/v1/redirect_urls` */
  readonly path: `/${string}`
  /** of the id in the path, such as `id` */
  readonly param: string
  /** patterns of the values in the path, default: any */
  readonly params?: Fields
  /** whether Clerk serves it through a proxy */
  readonly proxied?: boolean
  /** Finds the record that a path names; default: by its id. */
  readonly find?: (call: Call) => Records[Name] | undefined
  readonly missing: (id: string) => Refusal
  readonly answer: (record: Records[Name], call: Call) => object
}

export interface ListRules<R, Q extends Fields> {
  /** filters besides `limit`, `offset`, `order_by` and `query` */
  readonly query?: Q
  /** fields in which `query` is searched for, ignoring case; `id` must be equal. Default: there is no `query`. */
  readonly search?: readonly (keyof R)[]
  /** default: by creation, which the caller cannot change */
  readonly order?: SortKeys<R>
  /** The records to list, in the order of their creation; default: all. */
  readonly of?: (call: Call<Values<Q>>) => readonly R[]
  readonly filter?: (record: R, call: Call<Values<Q>>) => boolean
  /** `paginated`: an array unless the caller asks for an envelope; `envelope`: always with the length of the whole list */
  readonly page: 'paginated' | 'envelope'
}

/** What an operation takes, and does with one record. */
export interface ActionRules<R, Q extends Fields, B> extends Pick<
  OperationRules<Q, B>,
  'query' | 'body' | 'form' | 'maxBodyBytes'
> {
  /** Returns the record to show, usually the changed one. */
  readonly run: (record: R, call: Call<Values<Q>, B>) => R
}

/** Makes the operations of a resource that its path and table determine. */
export function resource<Name extends TableName>(table: Name, rules: ResourceRules<Name>) {
  type R = Records[Name]
  const { path, param, params = {}, proxied = false, missing, answer } = rules
  const { [param]: _, ...paramsOfPath } = params
  const item = `${path}/{${param}}` as const
  const tableOf = ({ world }: { readonly world: Tables }) => world[table]
  const find = rules.find ?? ((call: Call) => tableOf(call).byId(call.params[param] ?? ''))

  /** @throws {Refusal} if the path names no record */
  function recordOf(call: Call): R {
    const found = find(call)
    if (!found) throw missing(call.params[param] ?? '')
    return found
  }

  function list<const Q extends Fields = Fields>(
    id: string,
    { query = {} as Q, search, order, of, filter = () => true, page }: ListRules<R, Q>,
  ): Operation {
    const keys = order ?? BY_CREATION
    const fields = {
      ...(page === 'paginated' ? BARE_PAGE : PAGE),
      ...(order && { order_by: orderBy(keys) }),
      ...(search && { query: optional(string()) }),
      ...query,
    }
    return operation(id, `GET ${path}`, {
      params: paramsOfPath,
      proxied,
      query: fields,
      run(call) {
        const options = call.query as ListOptions
        const ownCall = call as Call<Values<Q>>
        const records: readonly R[] = of ? of(ownCall) : tableOf(call).all()
        const found = records
          .filter((record) => search === undefined || isFound(options.query, record, search))
          .filter((record) => filter(record, ownCall))
        const sorted = inOrder(call.world, found, keys, options.order_by)
        const show = (record: R) => answer(record, call)
        return page === 'paginated' ? barePage(sorted, options, show) : enveloped(sorted, options, show)
      },
    })
  }

  function create<B, const Q extends Fields = Fields>(
    id: string,
    { run, ...more }: { body: Schema<B>; query?: Q; run: (call: Call<Values<Q>, B>) => R },
  ): Operation {
    return operation<Q, B>(id, `POST ${path}`, {
      params: paramsOfPath,
      proxied,
      ...more,
      run: (call) => answer(run(call), call),
    })
  }

  function get(id: string, query: Fields = {}): Operation {
    return operation(id, `GET ${item}`, {
      params,
      proxied,
      query,
      run: (call) => answer(recordOf(call), call),
    })
  }

  function update<B>(id: string, rules: ActionRules<R, Fields, B>): Operation {
    return act(id, 'PATCH', '', rules)
  }

  /** @param run default: removes the record alone */
  function remove(
    id: string,
    run: (record: R, call: Call) => void = ({ id }, call) => tableOf(call).remove(id),
  ): Operation {
    return operation(id, `DELETE ${item}`, {
      params,
      proxied,
      run(call) {
        const record = recordOf(call)
        run(record, call)
        return { object: TABLES[table].object, id: record.id, deleted: true }
      },
    })
  }

  /** @param verb what follows the record in the path, such as `/ban` */
  function act<B = unknown, const Q extends Fields = Fields>(
    id: string,
    method: Method,
    verb: string,
    { run, ...more }: ActionRules<R, Q, B>,
  ): Operation {
    return operation<Q, B>(id, `${method} ${item}${verb}`, {
      params,
      proxied,
      ...more,
      run: (call) => answer(run(recordOf(call), call), call),
    })
  }

  return { list, create, get, update, remove, act, recordOf, item }
}

/** The query parameters that lists share. */
interface ListOptions {
  readonly limit?: number
  readonly offset?: number
  readonly paginated?: boolean
  readonly order_by?: string
  readonly query?: string
}

function isFound<R>(query: string | undefined, record: R, search: readonly (keyof R)[]): boolean {
  if (query === undefined) return true
  return search.some((field) => {
    const value = record[field]
    if (typeof value !== 'string') return false
    return field === 'id' ? value === query : value.toLowerCase().includes(query.toLowerCase())
  })
}
