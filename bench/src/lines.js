// Measures the size of the code.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { printTable } from './report.js'

const PACKAGES = ['core', 'express', 'fastify', 'hono', 'local']

export function linesOfCode() {
  printTable(
    'Lines of code, without blank lines and comments',
    ['', 'files', 'lines', 'longest function', 'longest, without nested functions'],
    PACKAGES.map((name) => {
      const files = sourcesOf(name).map(measureFile)
      const functions = files.flatMap((file) => file.functions)
      return [
        name,
        String(files.length),
        String(sum(files.map(({ lines }) => lines))),
        describeLongest(functions, ({ lines }) => lines),
        describeLongest(functions, ({ ownLines }) => ownLines),
      ]
    }),
  )
}

/**
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} lines
 * @property {number} ownLines those that are not inside a function in it
 */

/** @param {string} name */
function sourcesOf(name) {
  const folder = new URL(`../../packages/${name}/src/`, import.meta.url)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => new URL(file, folder))
}

/** @param {URL} url */
function measureFile(url) {
  const source = ts.createSourceFile(fileURLToPath(url), readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true)
  const all = linesOf(source, source)
  /** @type {Measured[]} */
  const functions = []
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = linesOf(node, source)
      functions.push({ name: nameOf(node), lines: lines.size, ownLines: lines.size - nestedLines(node, source) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { lines: all.size, functions }
}

/**
 * Lines that contain a token: neither blank nor only a comment.
 *
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 */
function linesOf(node, source) {
  /** @type {Set<number>} */
  const lines = new Set()
  const visit = (/** @type {ts.Node} */ part) => {
    if (ts.isJSDoc(part) || part.kind === ts.SyntaxKind.EndOfFileToken) return
    const children = part.getChildren(source)
    if (children.length > 0) return children.forEach(visit)
    const last = source.getLineAndCharacterOfPosition(part.end).line
    const first = source.getLineAndCharacterOfPosition(part.getStart(source)).line
    if (part.getWidth(source) > 0) for (let line = first; line <= last; line++) lines.add(line)
  }
  visit(node)
  return lines
}

/**
 * The lines inside the outermost nested functions, except one line for each of them.
 *
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 * @returns {number}
 */
function nestedLines(node, source) {
  let lines = 0
  ts.forEachChild(node, (child) => {
    lines += ts.isFunctionLike(child) ? linesOf(child, source).size - 1 : nestedLines(child, source)
  })
  return lines
}

/** @param {ts.SignatureDeclaration} node */
function nameOf(node) {
  if (node.name) return node.name.getText()
  const { parent } = node
  return (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && parent.name
    ? parent.name.getText()
    : 'an anonymous function'
}

/**
 * @param {readonly Measured[]} functions
 * @param {(measured: Measured) => number} lengthOf
 */
function describeLongest(functions, lengthOf) {
  const [longest] = functions.toSorted((one, other) => lengthOf(other) - lengthOf(one))
  return longest ? `${lengthOf(longest)} (${longest.name})` : 'none'
}

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0)
