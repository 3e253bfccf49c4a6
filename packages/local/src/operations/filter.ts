import { list, optional, string } from '../model/schema.js'

/** A parameter that may be repeated. */
export const SEVERAL = optional(list(string(), { max: 100 }))

/** Whether a filter includes one of the ids, and excludes none. */
export function isIncluded(filter: readonly string[] = [], ids: readonly string[]): boolean {
  return inclusionOf(filter)(ids)
}

/** A leading minus sign excludes an id. A leading plus sign, which may arrive as a space, has no effect. */
export function inclusionOf(filter: readonly string[]): (ids: readonly string[]) => boolean {
  const isExclusion = (id: string) => id.startsWith('-')
  const excluded = new Set(filter.filter(isExclusion).map((id) => id.slice(1)))
  const included = new Set(filter.filter((id) => !isExclusion(id)).map((id) => id.replace(/^[+ ]/, '')))
  return (ids) => !ids.some((id) => excluded.has(id)) && (included.size === 0 || ids.some((id) => included.has(id)))
}
