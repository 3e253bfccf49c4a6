import { readFile, stat } from 'node:fs/promises'
import { LineCounter, isCollection, isPair, isScalar, parseDocument, type Document, type Node } from 'yaml'
import { seedProblem } from './check-seed.js'
import type { SeedProblem } from './shape-problems.js'
import type { Seed } from './seed.js'

const MAX_BYTES = 1024 * 1024

/**
 * Reads a seed from a YAML or JSON file. JSON is parsed as YAML, its superset.
 *
 * @throws {TypeError} with a one-line message that starts with file and line (`seed.yaml:12:`) if the line is known
 */
export async function readSeedFile(path: string): Promise<Seed> {
  const text = await readText(path)
  const lines = new LineCounter()
  const at = (offset: number, message: string) =>
    new TypeError(`${path}:${lines.linePos(offset).line || 1}: ${message}`)

  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const [fault] = [...document.errors, ...document.warnings]
  if (fault)
    throw at(fault.pos[0], fault.code === 'MULTIPLE_DOCS' ? 'a seed must be a single document' : oneLine(fault.message))

  const seed = valueOf(document, (message) => at(0, message))
  const problem = seedProblem(seed)
  if (problem) throw at(offsetOf(document, problem), problem.message)
  return seed as Seed
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) throw new TypeError(`it is larger than ${MAX_BYTES / 1024} KiB`)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    throw new TypeError(`the seed file ${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'code' in cause ? String(cause.code) : ''
  return REASONS[code] ?? oneLine(cause.message)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
}

/** @throws {TypeError} if aliases expand excessively */
function valueOf(document: Document, at: (message: string) => TypeError): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw at(cause instanceof Error ? oneLine(cause.message) : String(cause))
  }
}

/** The offset of the deepest node on the path that exists: a key, or an item of a list. */
function offsetOf(document: Document, { path }: SeedProblem): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const name of path) {
    const inside = childOf(resolved(node, document), name)
    if (!inside) break
    offset = startOf(inside.place) ?? offset
    node = inside.node
  }
  return offset
}

interface Child {
  readonly place: unknown
  readonly node: unknown
}

function childOf(node: unknown, name: string | number): Child | undefined {
  if (!isCollection(node)) return undefined
  const items: readonly unknown[] = node.items
  if (typeof name === 'number') return { place: items[name], node: items[name] }
  const pair = items.filter(isPair).find(({ key }) => String(isScalar(key) ? key.value : key) === name)
  return pair && { place: pair.key, node: pair.value }
}

function resolved(node: unknown, document: Document): unknown {
  const isAlias = typeof node === 'object' && node !== null && 'resolve' in node
  return isAlias ? (node as { resolve(document: Document): Node | undefined }).resolve(document) : node
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0]
}

function oneLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
