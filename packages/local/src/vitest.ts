import { expect, test as vitestTest, type TestAPI } from 'vitest'
import { startLocalClerk, type DefaultSeed, type LocalClerk, type LocalClerkOptions, type Seed } from './index.js'
import { judge, type ClientResponse, type ExpectedRefusal, type Verdict } from './refusal.js'

export { expect }

/** vitest's `test` with a fixture `local`. */
export type LocalTest<S extends Seed = DefaultSeed> = TestAPI<{ local: LocalClerk<S> }>

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-explicit-any -- the same parameter as in vitest, or the two do not merge
  interface Matchers<T = any> {
    /**
     * Asserts that an API refused the request with the body's `code`, such as `token-expired`, with the status, or with
     * both, such as those of a bad token. Must be awaited if the response is a `Response`.
     */
    toBeRefusedWith(expected: ExpectedRefusal): T extends Response ? Promise<void> : void
    /** Asserts that an operation was called `times` times, including refused and faulty calls; default: at least once. */
    toHaveAnswered(operation: string, times?: number): void
  }
}

/**
 * vitest's `test` with an instance, `local`, that starts once per file. It is reset after each test, and closed after
 * the last.
 *
 * @param options of the instance, such as your own seed or settings
 */
export function localTest<const S extends Seed = DefaultSeed>(options: LocalClerkOptions<S> = {}): LocalTest<S> {
  return vitestTest.extend<{ $file: { local: LocalClerk<S> }; $test: { resetLocal: undefined } }>({
    local: [
      // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture needs
      async ({}, use) => {
        const local = await startLocalClerk(options)
        await use(local)
        await local.close()
      },
      { scope: 'file' },
    ],
    resetLocal: [
      async ({ local }, use) => {
        await use(undefined)
        local.reset()
      },
      { auto: true },
    ],
  })
}

/** {@link localTest} with the default options. */
export const test: LocalTest = localTest()
export const it: LocalTest = test

expect.extend({
  toBeRefusedWith(response: ClientResponse, expected: ExpectedRefusal) {
    const verdict = judge(response, expected)
    return verdict instanceof Promise ? verdict.then(resultOf) : resultOf(verdict)
  },
  toHaveAnswered(local: Pick<LocalClerk, 'calls'>, operation: string, times?: number) {
    if (typeof (local as Partial<LocalClerk> | undefined)?.calls !== 'function')
      throw new TypeError('toHaveAnswered() requires a local instance, as in: expect(local).toHaveAnswered("GetJWKS")')
    if (typeof operation !== 'string')
      throw new TypeError('toHaveAnswered() takes the name of an operation, such as "GetJWKS"')
    const calls = local.calls(operation)
    const wanted = times === undefined ? 'a call' : times === 1 ? '1 call' : `${times} calls`
    return {
      pass: times === undefined ? calls > 0 : calls === times,
      message: () => `expected ${this.isNot ? 'anything but ' : ''}${wanted} of ${operation}, but there were ${calls}`,
      actual: calls,
      expected: times,
    }
  },
})

function resultOf({ isExpected, actual, expected }: Verdict) {
  return {
    pass: isExpected,
    message: () =>
      isExpected
        ? `expected the request not to be refused with ${expected}`
        : `expected the request to be refused with ${expected}, but the response was ${actual}`,
    actual,
    expected,
  }
}
