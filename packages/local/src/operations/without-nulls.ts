type WithoutNulls<T> = { readonly [Name in keyof T]?: NonNullable<T[Name]> }

/** The fields that are neither `null` nor missing, for operations in which both mean "unchanged". */
export function withoutNulls<T extends object>(fields: T): WithoutNulls<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(entries) as WithoutNulls<T>
}
