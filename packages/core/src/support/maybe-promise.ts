/** A value that is usually there already: a request with a warm cache never waits for a turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>

export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** All of the values, without waiting where none of them has to be waited for. */
export function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[])
}

/** The value of `work`, or what `onError` makes of what it throws or rejects with. */
export function rescue<T, U>(work: () => MaybePromise<T>, onError: (error: unknown) => U): MaybePromise<T | U> {
  try {
    const value = work()
    return value instanceof Promise ? value.catch(onError) : value
  } catch (error) {
    return onError(error)
  }
}
