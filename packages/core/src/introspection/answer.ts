/** The body of Clerk's response about an opaque token. It has no prototype, so only own members are read. */
export type Answer = Readonly<Record<string, unknown>>

/** For example `mt_` and 32 hexadecimal digits. */
export function isId(value: unknown, prefix: string): value is string {
  return isNonEmptyString(value) && new RegExp(`^${prefix}_[0-9A-Fa-f]{32}$`).test(value)
}

/** @param prefixes one or several, separated by `|` */
export function isSubject(value: unknown, prefixes: string): value is string {
  return isNonEmptyString(value) && new RegExp(`^(?:${prefixes})_\\w{27}$`).test(value)
}

export function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isNonEmptyString)
}

/** Custom claims: an object, or `null` for anything else. */
export function objectOrNull(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>> | null) : null
}
