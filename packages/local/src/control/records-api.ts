import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import type { BaseRecord } from '../model/record.js'
import { TABLES, type TableName } from '../model/tables.js'
import type { Table } from '../state/table.js'
import type { World } from '../state/world.js'
import { list } from '../support/list.js'
import { control } from './control.js'

const NAMES = Object.keys(TABLES) as readonly TableName[]

/** Fields that are not needed to understand a record, and with which a caller could sign in as a user or a machine. */
const HIDDEN: ReadonlySet<string> = new Set([
  'backup_codes',
  'client_secret',
  'code',
  'consumed_tokens',
  'password',
  'previous',
  'private_jwk',
  'refresh_token',
  'rotating_token',
  'secret_key',
  'signer',
  'token',
  'totp_secret',
])

const MAX_LIMIT = 100

/** Characters. */
const MAX_QUERY = 200

/** Shows the records of an instance as they are stored, without secrets: every kind with its number, and one kind. */
export function recordsApi(world: World): readonly Endpoint[] {
  const tableOf = (name: TableName) => world[name] as unknown as Table<BaseRecord>

  return [
    control('GET', '/_local/records', () =>
      jsonAnswer({ kinds: NAMES.map((name) => ({ kind: name, total: tableOf(name).size() })) }),
    ),
    control('GET', '/_local/records/{kind}', ({ params: { kind = '' }, query }) => {
      const name = NAMES.find((known) => known === kind)
      if (!name) throw new Refusal('resource_not_found', `There is no kind of record "${kind}", only ${list(NAMES)}`)
      const { q, limit, offset } = pageOf(query)
      const found = tableOf(name)
        .all()
        .toReversed()
        .filter((record) => matches(record, q))
      const records = found.slice(offset, offset + limit).map(shown)
      return {
        ...jsonAnswer({ kind, total: found.length, records, names: namesIn(records, world) }),
        headers: { 'cache-control': 'no-store' },
      }
    }),
  ]
}

/** @throws {TypeError} if a parameter is invalid */
function pageOf(query: URLSearchParams) {
  const q = query.get('q') ?? ''
  if (q.length > MAX_QUERY) throw new TypeError(`"q" has at most ${MAX_QUERY} characters`)
  return {
    q: q.trim().toLowerCase(),
    limit: wholeNumber('limit', query, 20, MAX_LIMIT),
    offset: wholeNumber('offset', query, 0, Number.MAX_SAFE_INTEGER),
  }
}

function wholeNumber(name: string, query: URLSearchParams, usual: number, max: number): number {
  const text = query.get(name)
  if (text === null) return usual
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Infinity
  if (value <= max) return value
  throw new TypeError(`"${name}" must be a whole number up to ${max}`)
}

/** Whether a string in the record, at any depth, contains the query. */
function matches(record: BaseRecord, query: string): boolean {
  return query === '' || JSON.stringify(shown(record)).toLowerCase().includes(query)
}

/** The names of the users, organizations and machines that the records refer to, by id. */
function namesIn(
  records: readonly object[],
  { users, organizations, machines }: World,
): Readonly<Record<string, string>> {
  const names = records
    .flatMap((record) => Object.values(record) as readonly unknown[])
    .filter((value) => typeof value === 'string')
    .flatMap((id) => {
      const name = users.byId(id)?.local_name ?? organizations.byId(id)?.slug ?? machines.byId(id)?.name
      return name === undefined ? [] : [[id, name] as const]
    })
  return Object.fromEntries(names)
}

function shown(record: BaseRecord): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, shownValue(name, value)]))
}

function shownValue(name: string, value: unknown): unknown {
  if (name === 'data' && typeof value === 'string') return `${value.length} characters`
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0)
  return HIDDEN.has(name) && !isEmpty ? 'hidden' : value
}
