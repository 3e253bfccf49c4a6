import { readdirSync, readFileSync } from 'node:fs'

/** The packages that run in an API. */
const PACKAGES = ['core', 'express', 'fastify', 'hono']

interface Source {
  /** Its path, without `src` and the extension: `core/token/jws`. */
  readonly name: string
  readonly code: string
}

const SOURCES: readonly Source[] = PACKAGES.flatMap((name) => {
  const folder = new URL(`../../packages/${name}/src/`, import.meta.url)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      name: `${name}/${file.replace('.ts', '')}`,
      code: readFileSync(new URL(file, folder), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
    }))
})

/** What the first group of a pattern matches in the sources of a package, each once. */
export function namedIn(packageName: string, pattern: RegExp): string[] {
  const sources = SOURCES.filter(({ name }) => name.startsWith(`${packageName}/`))
  return [...new Set(sources.flatMap(({ code }) => [...code.matchAll(pattern)].map(([, found]) => found!)))]
}

const COLLECTION =
  /(?:(?:const|let) (\w+)[^=\n]*=|(\w+):|(\w+) \?\?=) (new (?:Map|Set|WeakMap|WeakSet)|secondChanceCache)\b/g
const VARIABLE_OF_THE_MODULE = /^let (\w+)/gm
const OF_THE_CACHE = 'core/support/second-chance-cache › entries'
/** A constant table in the sources. */
const isConstant = (name: string, kind: string) => /^[A-Z_]+$/.test(name) && !kind.startsWith('new Weak')

/** All state in the sources that could grow between requests, as `package/folder/file › name`. */
export function collectionsInSources(): string[] {
  return SOURCES.flatMap(({ name: file, code }) => {
    const collections = [...code.matchAll(COLLECTION)]
      .map(([, variable, member, lazy, kind]) => ({ name: (variable ?? member ?? lazy)!, kind: kind! }))
      .filter(({ name, kind }) => !isConstant(name, kind))
      .map(({ name }) => name)
    const variables = [...code.matchAll(VARIABLE_OF_THE_MODULE)].map(([, name]) => name!)
    return [...collections, ...variables].map((name) => `${file} › ${name}`)
  }).filter((name) => name !== OF_THE_CACHE)
}
