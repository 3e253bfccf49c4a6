/** A value that is usually available synchronously: a request with a warm cache never awaits. */
export type MaybePromise<T> = T | Promise<T>

export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** All values, synchronously if none of them is a promise. */
export function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[])
}

/** The result of `work`, or of `onError` if it throws or rejects. */
export function rescue<T, U>(work: () => MaybePromise<T>, onError: (error: unknown) => U): MaybePromise<T | U> {
  try {
    const value = work()
    return value instanceof Promise ? value.catch(onError) : value
  } catch (error) {
    return onError(error)
  }
}

/** Passes the result of `work` to `done`, synchronously if it is not a promise, or what it throws to `fail`. */
export function settle<T>(work: () => MaybePromise<T>, done: (value: T) => void, fail: (error: object) => void): void {
  let value: MaybePromise<T>
  try {
    value = work()
  } catch (error) {
    return fail(errorOf(error))
  }
  // Errors thrown by `done` are reported too: otherwise the unhandled rejection would end the process.
  if (value instanceof Promise) value.then(done).catch((error: unknown) => fail(errorOf(error)))
  else done(value)
}

/** Callbacks of frameworks take `undefined` for success, and Express takes `'route'` for a command. */
function errorOf(thrown: unknown): object {
  if (typeof thrown === 'object' && thrown !== null) return thrown
  return new Error('something that is not an error was thrown', { cause: thrown })
}
