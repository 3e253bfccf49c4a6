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

/**
 * Rejects a guard whose requirement is `undefined`: a misspelt constant must not open the route to every signed-in user.
 *
 * @param given the arguments of `name`
 * @throws {TypeError} with the correct usage
 */
export function checkGiven(name: string, given: ArrayLike<unknown>): void {
  if (given.length > 0 && given[0] === undefined)
    throw new TypeError(`the requirement of ${name} is undefined: give it a value, or write ${name}() for any session`)
}

/**
 * Rejects a function of one adapter in the application of another framework.
 *
 * @throws {TypeError} naming the package that `name` was imported from
 */
export function checkFramework(name: string, adapter: string, isOurs: boolean): void {
  if (!isOurs)
    throw new TypeError(
      `${name} of @clerk-auth/${adapter} is used in another framework: import it from the package of that framework`,
    )
}

/**
 * Rejects a call without the request, such as `getAuth()`.
 *
 * @param parameter what the framework calls the request, such as `req`
 * @throws {TypeError} with the correct usage
 */
export function checkRequest(name: string, parameter: string, request: unknown): void {
  if (typeof request !== 'object' || request === null)
    throw new TypeError(`${name}() is called without the request: write ${name}(${parameter})`)
}
