import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'

const WANTED = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'vitest.config.ts', 'packages', 'test/mutation']
const UNWANTED = ['node_modules', 'dist', '.turbo']

/**
 * Copies what the unit tests need out of the work tree, so that nothing that happens to a mutant, nor to this process,
 * can leave one there.
 *
 * @param {string} root
 * @returns {string} where the copy is; it is removed when the process ends
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
 * Blanks the type assertions of a file, each character with a space: Stryker leaves everything before an `as` alone, and
 * with it every table that is `as const`.
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
