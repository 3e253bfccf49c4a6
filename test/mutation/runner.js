import { strykerPlugins as vitest } from '@stryker-mutator/vitest-runner'

export { strykerValidationSchema } from '@stryker-mutator/vitest-runner'

/**
 * Stryker's vitest runner counts failed tests. If a test file does not load with a mutant, it has no tests, so that is
 * counted as a failure too.
 */
const [{ factory, kind }] = /** @type {any} */ (vitest)

/** @param {unknown} injector */
function wholeRunner(injector) {
  const runner = factory(injector)
  const run = runner.run.bind(runner)
  runner.run = async (/** @type {unknown[]} */ ...given) => {
    const result = await run(...given)
    const isBroken = (/** @type {any} */ file) => file.result?.state === 'fail' && file.tasks.length === 0
    for (const { filepath } of runner.ctx.state.getFiles().filter(isBroken)) {
      const failed = { status: 1, failureMessage: 'the file does not load', timeSpentMs: 0 }
      result.tests?.push({ id: `${filepath}#loads`, name: 'loads', ...failed })
    }
    return result
  }
  return runner
}
wholeRunner.inject = factory.inject

export const strykerPlugins = [{ kind, name: 'whole', factory: wholeRunner }]
