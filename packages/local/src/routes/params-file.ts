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
  return parameterValues(document.toJS({ maxAliasCount: 100 }), path)
}

/**
 * @param place where the values are, for messages
 * @throws {TypeError} if they are not values by name, or by route and name
 */
export function parameterValues(content: unknown, place: string): ParameterValues {
  if (!isObject(content)) throw new TypeError(`${place}: must have values by the names of path parameters`)
  const entries = Object.entries(content)
  const ofRoute = entries.flatMap(([route, values]) =>
    isObject(values) ? [[route, valuesIn(Object.entries(values), place)] as const] : [],
  )
  const wrong = ofRoute.find(([route]) => !/^[A-Z]+ \//.test(route))
  if (wrong) throw new TypeError(`${place}: "${wrong[0]}" must be a value, or a route such as "GET /invoices/:id"`)
  const ofAll = entries.filter(([, value]) => !isObject(value))
  return { ofAll: valuesIn(ofAll, place), ofRoute: new Map(ofRoute) }
}

function valuesIn(entries: readonly (readonly [string, unknown])[], place: string): ReadonlyMap<string, string> {
  return new Map(
    entries.map(([name, value]) => {
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new TypeError(`${place}: the value of "${name}" must be a string or a number`)
      return [name, String(value)]
    }),
  )
}
