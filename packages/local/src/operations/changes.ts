/** The members that are neither `null` nor missing, for operations in which both mean "unchanged". */
export function given<T extends object>(body: T): { readonly [Name in keyof T]?: NonNullable<T[Name]> } {
  const entries = Object.entries(body).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(entries) as { readonly [Name in keyof T]?: NonNullable<T[Name]> }
}
