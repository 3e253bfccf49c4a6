import type { Method } from '../api/endpoint.js'
import type { Refusal } from '../api/errors.js'
import type { BaseRecord } from '../model/record.js'
import { string, optional, type Fields, type Schema, type Values } from '../model/schema.js'
import type { Records, TableName } from '../model/tables.js'
import type { Table } from '../state/table.js'
import { operation, type Call, type Operation } from './operation.js'
import { BARE_PAGE, BY_CREATION, PAGE, barePage, enveloped, inOrder, orderBy, pageOf, type SortKeys } from './page.js'

/** How the records of a table are addressed and shown. */
export interface ResourceRules<Name extends TableName> {
  /** of the list, such as `/v1/redirect_urls` */
  readonly path: string
  /** of the id in the path, such as `id` */
  readonly param: string
  /** pattern of the id in the path, default: any */
  readonly id?: Schema<string>
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
  /** default: newest first */
  readonly defaultOrder?: string
  /** The records to list, in the order of their creation; default: all. */
  readonly of?: (call: Call<Values<Q>>) => readonly R[]
  readonly filter?: (record: R, call: Call<Values<Q>>) => boolean
  /** an array, an array unless `paginated=true`, or always with the length of the whole list */
  readonly page: 'array' | 'paginated' | 'envelope'
}

/** What an operation takes and does with one record. */
export interface ActionRules<R, Q extends Fields, B> {
  readonly query?: Q
  readonly body?: Schema<B>
  readonly status?: number
  /** Returns the changed record, which is shown as ever. */
  readonly run: (record: R, call: Call<Values<Q>, B>) => R
}

/** Makes the usual operations of a resource: those that a path and a table suffice for. */
export function resource<Name extends TableName>(table: Name, rules: ResourceRules<Name>) {
  type R = Records[Name]
  const { path, param, proxied = false, missing, answer } = rules
  const item = `${path}/{${param}}`
  const ofItem = { proxied, ...(rules.id && { params: { [param]: rules.id } }) }
  const tableOf = ({ world }: Call) => world[table] as unknown as Table<BaseRecord> as unknown as Table<R & BaseRecord>

  /** @throws {Refusal} if there is no such record */
  function recordOf(call: Call): R {
    const id = call.params[param] ?? ''
    const found = rules.find ? rules.find(call) : tableOf(call).byId(id)
    if (!found) throw missing(id)
    return found
  }

  function list<const Q extends Fields = Fields>(
    id: string,
    { query = {} as Q, search, order, defaultOrder, of, filter = () => true, page }: ListRules<R, Q>,
  ): Operation {
    const keys = order ?? BY_CREATION
    const fields = {
      ...(page === 'paginated' ? BARE_PAGE : PAGE),
      ...(order && { order_by: orderBy(keys) }),
      ...(search && { query: optional(string()) }),
      ...query,
    }
    return operation(id, `GET ${path as `/${string}`}`, {
      proxied,
      query: fields,
      run(call) {
        const asked = call.query as Asked
        const ofCall = call as Call<Values<Q>>
        const found = (of ? of(ofCall) : (tableOf(call).all() as readonly R[]))
          .filter((record) => search === undefined || isFound(asked.query, record, search))
          .filter((record) => filter(record, ofCall))
        const sorted = inOrder(call.world, found, keys, asked.order_by ?? defaultOrder)
        const show = (record: R) => answer(record, call)
        if (page === 'array') return pageOf(sorted, asked).map(show)
        return page === 'paginated' ? barePage(sorted, asked, show) : enveloped(sorted, asked, show)
      },
    })
  }

  function create<B, const Q extends Fields = Fields>(
    id: string,
    { run, ...more }: { body: Schema<B>; query?: Q; status?: number; run: (call: Call<Values<Q>, B>) => R },
  ): Operation {
    return operation<Q, B>(id, `POST ${path as `/${string}`}`, {
      proxied,
      ...more,
      run: (call) => answer(run(call), call),
    })
  }

  function get(id: string, query: Fields = {}): Operation {
    return operation(id, `GET ${item as `/${string}`}`, {
      ...ofItem,
      query,
      run: (call) => answer(recordOf(call), call),
    })
  }

  /** @param run default: changes the fields that the body has */
  function update<B extends object>(
    id: string,
    {
      body,
      run = ({ id }, call) => tableOf(call).update(id, call.body),
    }: { body: Schema<B>; run?: (record: R, call: Call<unknown, B>) => R },
  ): Operation {
    return act(id, 'PATCH', '', { body, run })
  }

  /** @param run default: removes the record alone */
  function remove(
    id: string,
    run: (record: R, call: Call) => void = ({ id }, call) => tableOf(call).remove(id),
  ): Operation {
    return operation(id, `DELETE ${item as `/${string}`}`, {
      ...ofItem,
      run(call) {
        const record = recordOf(call)
        const { object } = answer(record, call) as { readonly object: string }
        run(record, call)
        return { object, id: record.id, deleted: true }
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
    return operation<Q, B>(id, `${method} ${(item + verb) as `/${string}`}`, {
      ...ofItem,
      ...more,
      run: (call) => answer(run(recordOf(call), call), call),
    })
  }

  return { list, create, get, update, remove, act, recordOf, item }
}

interface Asked {
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
