import { isUtf8 } from 'node:buffer'

export type ModelJsonFault = 'not-utf8' | 'not-an-object' | 'duplicate-member' | 'forbidden-character' | 'too-deep'

const MAX_DEPTH = 32

/**
 * A model of what a strict parser refuses, for comparison: it tokenizes the input and keeps the names of each open
 * object. It shares no code with the implementation and has no order: an input may be refused for any of its faults.
 */
export function jsonFaultsOf(bytes: Uint8Array): ModelJsonFault[] {
  if (!isUtf8(bytes)) return ['not-utf8']
  const text = Buffer.from(bytes).toString()
  const words = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:]|[^\s{}[\]:",]+/gsu) ?? []
  const { faults, depth } = read(words)
  if (depth > MAX_DEPTH) faults.add('too-deep')
  try {
    if (!/^\s*\{/.test(text)) throw new Error('not an object')
    JSON.parse(text)
  } catch {
    // If the input is not JSON, only brackets can be counted.
    return faults.has('too-deep') ? ['not-an-object', 'too-deep'] : ['not-an-object']
  }
  return [...faults]
}

function read(words: readonly string[]): { faults: Set<ModelJsonFault>; depth: number } {
  const faults = new Set<ModelJsonFault>()
  const open: Set<string>[] = []
  let depth = 0
  for (const [i, word] of words.entries()) {
    if (word === '{' || word === '[') depth = Math.max(depth, open.push(new Set()))
    if (word === '}' || word === ']') open.pop()
    if (!word.startsWith('"')) continue
    const meant = meaningOf(word)
    if (Array.from(meant, (character) => character.codePointAt(0)!).some(isForbidden)) faults.add('forbidden-character')
    if (words[i + 1] !== ':') continue
    const names = open.at(-1)
    if (names?.has(meant)) faults.add('duplicate-member')
    names?.add(meant)
  }
  return { faults, depth }
}

/** Surrogates and noncharacters: RFC 7493 section 2.1. */
function isForbidden(codePoint: number): boolean {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return true
  return (codePoint >= 0xfdd0 && codePoint <= 0xfdef) || codePoint % 0x10000 >= 0xfffe
}

/** The content of a string, with its escapes decoded: `\u0061` and `a` are the same name. */
function meaningOf(word: string): string {
  try {
    return JSON.parse(word) as string
  } catch {
    return word
  }
}
