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
