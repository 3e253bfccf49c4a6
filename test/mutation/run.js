/**
 * Removes the rules of token verification one at a time, and lists those whose absence no unit test of core notices.
 *
 *   npm run mutation --workspace=test                   all files
 *   npm run mutation --workspace=test -- claims json    only these
 *
 * Fails if a survivor is not in survivors.json, or if a listed mutant does not survive.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { blankAssertions, copyOfProject } from './copy.js'
import { FILES } from './files.js'
import { FURTHER_MUTATORS } from './mutators.js'
import { compare, tally } from './survivors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const names = process.argv.length > 2 ? process.argv.slice(2) : FILES
/** @type {import('./survivors.js').Listed[]} */
const listed = JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8'))

await addMutators()
process.chdir(copyOfProject(root))
/** @type {Set<string>} */
const used = new Set()
for (const name of names) {
  const began = performance.now()
  const { mutants, text } = await mutantsOf(name)
  const seconds = Math.round((performance.now() - began) / 1000)
  const known = listed.filter(({ file }) => file === name)
  const { unlisted, outdated } = compare(mutants, known, text)
  console.log(`\n${name}: ${tally(mutants)}, ${seconds} s`)
  for (const { from, to } of unlisted) complain('not noticed by any test', from, to)
  for (const { from, to } of outdated) complain('in survivors.json, but does not survive', from, to)
  for (const { mutatorName } of mutants) used.add(mutatorName)
}
const idle = FURTHER_MUTATORS.filter(({ name }) => !used.has(name))
if (names === FILES && idle.length > 0) throw new Error(`no mutants in ${idle.map(({ name }) => name).join()}`)

/** @param {string} name */
async function mutantsOf(name) {
  const source = `packages/core/src/${name}.ts`
  const text = readFileSync(source, 'utf8')
  blankAssertions(source)
  process.env['MUTATED_FILE'] = name
  const stryker = new Stryker({
    mutate: [source],
    inPlace: true, // this is a copy
    testRunner: 'whole',
    vitest: { configFile: 'test/mutation/vitest.config.ts' },
    plugins: ['./runner.js', './prose.js'].map((path) => new URL(path, import.meta.url).href),
    ignorers: ['prose'],
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 15_000,
    reporters: ['dots'],
    logLevel: /** @type {import('@stryker-mutator/api/core').LogLevel} */ ('error'),
    disableTypeChecks: false,
  })
  return { mutants: await stryker.runMutationTest(), text }
}

/** Stryker has no option for custom mutators, so they are added to its table. */
async function addMutators() {
  const core = createRequire(import.meta.resolve('@stryker-mutator/core'))
  const instrumenter = pathToFileURL(core.resolve('@stryker-mutator/instrumenter'))
  const { allMutators } = await import(new URL('mutators/mutate.js', instrumenter).href)
  allMutators.push(...FURTHER_MUTATORS)
}

/** @param {string} what @param {string} from @param {string} to */
function complain(what, from, to) {
  console.error(`${what}\n- ${from}\n+ ${to}`)
  process.exitCode = 1
}
