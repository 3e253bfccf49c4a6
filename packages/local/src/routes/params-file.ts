import { parseDocument } from 'yaml'
import { isObject } from '../support/input.js'
import type { ParameterValues } from './path-parameters.js'

export const NO_VALUES: ParameterValues = { ofAll: new Map(), ofRoute: new Map() }

/**
 * Reads values of path parameters from YAML or JSON: `invoiceId: inv_1` for all routes, or
 * `GET /invoices/:id: { id: inv_1 }` for one.
 *
 * @throws {TypeError} with one line that starts with the path of the file
 */
export function readParamsFile(text: string, path: string): ParameterValues {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' })
  const [fault] = document.errors
  if (fault) throw new TypeError(`${path}: ${fault.message.split('\n', 1)[0]}`)
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  if (!isObject(content)) throw new TypeError(`${path}: must have values by the names of path parameters`)

  const entries = Object.entries(content)
  const ofRoute = entries.flatMap(([route, values]) =>
    isObject(values) ? [[route, valuesIn(Object.entries(values), path)] as const] : [],
  )
  const wrong = ofRoute.find(([route]) => !/^[A-Z]+ \//.test(route))
  if (wrong) throw new TypeError(`${path}: "${wrong[0]}" must be a value, or a route such as "GET /invoices/:id"`)
  return {
    ofAll: valuesIn(
      entries.filter(([, value]) => !isObject(value)),
      path,
    ),
    ofRoute: new Map(ofRoute),
  }
}

function valuesIn(entries: readonly (readonly [string, unknown])[], path: string): ReadonlyMap<string, string> {
  return new Map(
    entries.map(([name, value]) => {
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new TypeError(`${path}: the value of "${name}" must be a string or a number`)
      return [name, String(value)]
    }),
  )
}
