/**
 * @typedef {import('@stryker-mutator/api/core').MutantResult} MutantResult
 * @typedef {{ readonly from: string; readonly to: string }} Change
 * @typedef {{ readonly file: string; readonly from: string; readonly to: readonly string[]; readonly why: string }} Listed
 */

const LEFT = ['Survived', 'NoCoverage']

/**
 * Compares survivors with the listed ones, by the lines that a mutant changes, so that the list stays valid after edits
 * elsewhere in the file.
 *
 * @param {readonly MutantResult[]} mutants
 * @param {readonly Listed[]} listed
 * @param {string} text the mutated file
 */
export function compare(mutants, listed, text) {
  const changesOf = (/** @type {readonly string[]} */ statuses) =>
    mutants.filter(({ status }) => statuses.includes(status)).map((mutant) => changeOf(mutant, text))
  const known = listed.flatMap(({ from, to }) => to.map((one) => ({ from, to: one })))
  return {
    unlisted: without(changesOf(LEFT), known),
    // A timeout may only mean that the machine is busy.
    outdated: without(known, changesOf([...LEFT, 'Timeout'])),
  }
}

/**
 * Counts the mutants by result.
 *
 * @param {readonly MutantResult[]} mutants
 */
export function tally(mutants) {
  const count = (/** @type {string[]} */ ...statuses) =>
    mutants.filter(({ status }) => statuses.includes(status)).length
  const made = mutants.length - count('Ignored')
  const broken = count('RuntimeError', 'CompileError')
  return (
    `${made} mutants, ${count('Killed')} killed, ${count('Timeout')} timed out, ${count(...LEFT)} left` +
    (broken > 0 ? `, ${broken} could not be run` : '')
  )
}

/** @param {MutantResult} mutant @param {string} text @returns {Change} */
function changeOf({ location: { start, end }, replacement }, text) {
  const before = text.split('\n').slice(start.line - 1, end.line)
  const head = (before[0] ?? '').slice(0, start.column - 1)
  const tail = (before.at(-1) ?? '').slice(end.column - 1)
  return { from: onOneLine(before.join('\n')), to: onOneLine(head + replacement + tail) }
}

/** @param {string} code */
function onOneLine(code) {
  return code.trim().replaceAll(/\s+/g, ' ')
}

/** @param {readonly Change[]} changes @param {readonly Change[]} others */
function without(changes, others) {
  const keyOf = (/** @type {Change} */ { from, to }) => JSON.stringify([from, to])
  const keys = new Set(others.map(keyOf))
  return changes.filter((change) => !keys.has(keyOf(change)))
}
