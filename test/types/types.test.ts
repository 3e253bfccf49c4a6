import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

/**
 * The files beside this one say what must compile and, by `@ts-expect-error`, what must not. They are compiled, never
 * run: against the sources here and by `npm run typecheck`, and against the packed declarations in `test/packed`.
 */
const files = readdirSync(import.meta.dirname)
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => resolve(import.meta.dirname, file))

it('what must compile does, and what must not does not', { timeout: 120_000 }, () => {
  expect(files.map((file) => basename(file, '.ts')).sort()).toEqual(['core', 'express', 'fastify', 'hono', 'type-of'])
  expect(faultsOf(files)).toEqual([])
})

it('a wrong expectation is noticed', { timeout: 120_000 }, () => {
  const wrong = resolve(import.meta.dirname, 'wrong.ts')
  const text = [
    `import { typeOf } from './type-of.js'`,
    `declare const anything: any`,
    `typeOf(anything).is<string>()`,
    `typeOf('x' as string | null).is<string>()`,
    `typeOf('x' as string).is<string | null>()`,
    `// @ts-expect-error -- it compiles`,
    `typeOf('x' as string).is<string>()`,
  ].join('\n')
  expect(faultsOf([wrong], { [wrong]: text })).toEqual([
    expect.stringMatching(/^wrong\.ts:3 /),
    expect.stringMatching(/^wrong\.ts:4 /),
    expect.stringMatching(/^wrong\.ts:5 /),
    expect.stringMatching(/^wrong\.ts:6 Unused '@ts-expect-error'/),
  ])
})

function faultsOf(names: string[], texts: Record<string, string> = {}): string[] {
  const root = resolve(import.meta.dirname, '../..')
  const json = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as object
  const { options } = ts.parseJsonConfigFileContent({ ...json, include: [], files: names }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  host.readFile = (path) => texts[path] ?? ts.sys.readFile(path)
  const program = ts.createProgram(names, options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start ?? 0).line + 1 : 0
    return `${basename(file?.fileName ?? '')}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}
