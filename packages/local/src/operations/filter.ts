import { list, optional, string } from '../model/schema.js'

/** A parameter that may be repeated. */
export const SEVERAL = optional(list(string(), { max: 100 }))

/** A leading minus sign excludes an id. A leading plus sign, which may arrive as a space, has no effect. */
export function isIncluded(asked: readonly string[] = [], ids: readonly string[]): boolean {
  const excluded = asked.filter((id) => id.startsWith('-')).map((id) => id.slice(1))
  const included = asked.filter((id) => !id.startsWith('-')).map((id) => id.replace(/^[+ ]/, ''))
  return !ids.some((id) => excluded.includes(id)) && (included.length === 0 || ids.some((id) => included.includes(id)))
}
