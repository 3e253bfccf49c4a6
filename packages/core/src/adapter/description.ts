/**
 * The description attached to guards and `isPublic()`.
 *
 * A registered symbol, because tools that read it have their own copy of this package.
 */
export const DESCRIPTION: unique symbol = Symbol.for('clerk-auth.guard')

export interface Description {
  /** `false` for a guard; `true` for `isPublic()`. */
  readonly isPublic: boolean
}

/** A value with a description. */
export interface Described {
  readonly [DESCRIPTION]: Description
}

/** Attaches a description to a guard or to the value of `isPublic()`. Object spread copies it. */
export function described<T extends object>(value: T, isPublic: boolean): T & Described {
  return Object.assign(value, { [DESCRIPTION]: Object.freeze({ isPublic }) })
}

export function descriptionOf(value: unknown): Description | undefined {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? (value as { readonly [DESCRIPTION]?: Description })[DESCRIPTION] : undefined
}

/**
 * Rejects a call made by the framework, which was given the function itself instead of its return value.
 *
 * @param more the arguments beyond those that `name` takes
 * @throws {TypeError} with the correct usage
 */
export function checkCalled(name: string, ...more: readonly unknown[]): void {
  if (more.some((argument) => argument !== undefined))
    throw new TypeError(`${name} is used without a call: write ${name}(), with parentheses`)
}
