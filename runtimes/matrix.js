// Runs the tests of the contract and the hostile inputs in each runtime, two runtimes at a time, and prints a table.
// Usage: npm run matrix --prefix runtimes -- [runtime …] [--report FILE]
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'

const RUNTIMES = ['Deno', 'Bun', 'workerd', 'Node 20', 'Node 22', 'Node 24', 'Node 26']
const TARGETS = ['core', 'Hono', 'Express 5', 'Fastify 5']
const SUITES = ['contract', 'hostile']
const AT_A_TIME = 2

const root = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({ allowPositionals: true, options: { report: { type: 'string' } } })
const runtimes = positionals.length > 0 ? positionals : RUNTIMES
const unknown = runtimes.find((name) => !RUNTIMES.includes(name))
if (unknown) throw new Error(`no runtime "${unknown}": there are ${RUNTIMES.join(', ')}`)

const directory = mkdtempSync(join(tmpdir(), 'clerk-auth-runtimes-'))
/** @type {Map<string, Outcome>} */
const outcomes = new Map()
const waiting = [...runtimes]
await Promise.all(Array.from({ length: AT_A_TIME }, runWaiting))
rmSync(directory, { recursive: true })

console.table(Object.fromEntries(runtimes.map((name) => [name, rowOf(/** @type {Outcome} */ (outcomes.get(name)))])))
const passed = sum(({ tests }) => tests.filter(({ status }) => status === 'passed').length)
const failed = sum(({ tests, hasCrashed }) => tests.filter(isFailure).length || Number(hasCrashed))
if (values.report) writeFileSync(values.report, JSON.stringify({ passed, failed }))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** @typedef {{ suite: string, target: string, title: string, status: string, messages: string[] }} Test */
/** @typedef {{ tests: Test[], hasCrashed: boolean, seconds: number }} Outcome */

async function runWaiting() {
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const outcome = await run(name)
    outcomes.set(name, outcome)
    for (const { suite, target, title, messages } of outcome.tests.filter(isFailure))
      console.log(`FAILED on ${name}: ${suite}, ${target}: ${title}\n${messages.join('\n')}`)
  }
}

/** @param {string} name @returns {Promise<Outcome>} */
async function run(name) {
  const report = join(directory, `${name}.json`)
  const since = Date.now()
  const vitest = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config=runtimes/vitest.config.ts',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: root, env: { ...process.env, CLERK_AUTH_RUNTIME: name }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [vitest.stdout, vitest.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve) => vitest.once('close', resolve))
  const tests = testsIn(report)
  const hasCrashed = code !== 0 || tests.length === 0
  if (hasCrashed && !tests.some(isFailure)) console.log(`FAILED on ${name}: vitest ended with ${code}\n${output}`)
  return { tests, hasCrashed, seconds: Math.round((Date.now() - since) / 1000) }
}

/** @param {string} report @returns {Test[]} */
function testsIn(report) {
  let files
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults
  } catch {
    return [] // vitest could not start
  }
  return files.flatMap((/** @type {any} */ { name, assertionResults }) =>
    assertionResults.map((/** @type {any} */ { ancestorTitles: [target], fullName, status, failureMessages }) => ({
      suite: relative(root, name).includes('hostile') ? 'hostile' : 'contract',
      target: TARGETS.find((one) => target.replaceAll("'", '').startsWith(one)) ?? target,
      title: fullName,
      status,
      messages: failureMessages,
    })),
  )
}

/** @param {Outcome} outcome */
function rowOf({ tests, hasCrashed, seconds }) {
  const columns = TARGETS.flatMap((target) => SUITES.map((suite) => ({ target, suite })))
  const cells = columns.map(({ target, suite }) => {
    const all = tests.filter((test) => test.target === target && test.suite === suite && test.status !== 'pending')
    const failures = all.filter(isFailure).length
    const cell = failures > 0 ? `${failures} of ${all.length} failed` : all.length || ''
    return [`${target}, ${suite}`, cell]
  })
  return { ...Object.fromEntries(cells), seconds, ...(hasCrashed && { result: 'failed' }) }
}

/** @param {{ status: string }} test */
function isFailure({ status }) {
  return status === 'failed'
}

/** @param {(outcome: Outcome) => number} count */
function sum(count) {
  return [...outcomes.values()].reduce((total, outcome) => total + count(outcome), 0)
}
