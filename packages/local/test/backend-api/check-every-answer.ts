/**
 * A setup file of vitest: compares every answer of a local instance to an operation of the Backend API with the facts of
 * Clerk's specification, in all test files of this package. The test that received a wrong answer fails.
 */
import { afterAll, afterEach, expect } from 'vitest'

/** of the specification */
const VERSION = '2025-11-10'

// oxlint-disable-next-line vitest/no-standalone-expect -- its state has the path of the test file
if (expect.getState().testPath?.includes('/packages/local/test/') === true) checkEveryAnswer()

function checkEveryAnswer(): void {
  const problems: string[] = []
  const originalFetch = globalThis.fetch

  // Also for modules that are already loaded: the official client reads the global at each call, in tests.
  globalThis.fetch = async (input, init) => {
    const response = await originalFetch(input, init)
    if (isComparable(response.headers)) {
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
      problems.push(...(await problemsOf(method.toUpperCase(), response)))
    }
    return response
  }
  afterEach(report)
  afterAll(() => {
    globalThis.fetch = originalFetch
    report()
  })

  function report(): void {
    const found = problems.splice(0)
    if (found.length > 0) throw new Error(`Clerk would not answer this:\n${[...new Set(found)].join('\n')}`)
  }
}

/** Faults answer anything, and mark it `fault`; versions before that of the specification have other fields. */
function isComparable(headers: Headers): boolean {
  const version = headers.get('clerk-api-version') ?? VERSION
  return headers.get('clerk-auth-local') === '1' && version >= VERSION
}

async function problemsOf(method: string, response: Response): Promise<readonly string[]> {
  const { answerProblems, operationOf } = await import('./facts.js')
  const { pathname, searchParams } = new URL(response.url)
  const operation = operationOf(method, pathname)
  if (!operation) return []
  const body = await bodyOf(response.clone())
  return answerProblems(operation.id, response.status, body, searchParams).map(
    (problem) => `${operation.id}, ${response.status}: ${problem}`,
  )
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
