import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'

const WANTED = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'vitest.config.ts', 'packages', 'test/mutation']
const UNWANTED = ['node_modules', 'dist', '.turbo']

/**
 * Copies what the unit tests need out of the work tree, so that an aborted run cannot leave a mutant in it.
 *
 * @param {string} root
 * @returns {string} the path of the copy, which is removed when the process exits
 */
export function copyOfProject(root) {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'clerk-auth-mutation-')))
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))

  const isWanted = (/** @type {string} */ path) =>
    !relative(root, path)
      .split(sep)
      .some((name) => UNWANTED.includes(name))
  for (const path of WANTED) cpSync(join(root, path), join(copy, path), { recursive: true, filter: isWanted })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/**
 * Replaces the type assertions of a file with spaces: Stryker does not mutate anything before an `as`, including
 * tables that are `as const`.
 *
 * @param {string} path
 */
export function blankAssertions(path) {
  const text = readFileSync(path, 'utf8')
  const blanked = text.split('')
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isAsExpression(node)) blanked.fill(' ', node.expression.end, node.end)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  writeFileSync(path, blanked.join(''))
}
