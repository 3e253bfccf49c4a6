import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

/**
 * The other files here contain code that must compile and, with `@ts-expect-error`, code that must not. They are not
 * run, but compiled: with the sources here and in `npm run typecheck`, and with the packed declarations in `test/packed`.
 */
const files = readdirSync(import.meta.dirname)
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => resolve(import.meta.dirname, file))

it('exactly the expected errors occur', { timeout: 120_000 }, () => {
  expect(files.map((file) => basename(file, '.ts')).sort()).toEqual([
    'core',
    'express',
    'fastify',
    'hono',
    'nestjs',
    'type-of',
  ])
  expect(faultsOf(files)).toEqual([])
})

it('a wrong expectation is an error', { timeout: 120_000 }, () => {
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

it.each(['express', 'fastify', 'hono'])('an editor offers every kind of token: %s', { timeout: 120_000 }, (adapter) => {
  const file = resolve(import.meta.dirname, 'completed.ts')
  const text = `import { requireAuth } from '@clerk-auth/${adapter}'\nrequireAuth({ acceptsToken: '' })`
  const root = resolve(import.meta.dirname, '../..')
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const source = path === file ? text : ts.sys.readFile(path)
      return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => optionsFor([file]),
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  })
  const offered = service.getCompletionsAtPosition(file, text.indexOf("''") + 1, {})?.entries.map(({ name }) => name)
  expect(offered).toEqual(['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template', 'any'])
})

function faultsOf(names: string[], contents: Record<string, string> = {}): string[] {
  const options = optionsFor(names)
  const host = ts.createCompilerHost(options)
  host.readFile = (path) => contents[path] ?? ts.sys.readFile(path)
  const program = ts.createProgram(names, options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start ?? 0).line + 1 : 0
    return `${basename(file?.fileName ?? '')}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

function optionsFor(names: string[]): ts.CompilerOptions {
  const root = resolve(import.meta.dirname, '../..')
  const json = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as object
  return ts.parseJsonConfigFileContent({ ...json, include: [], files: names }, ts.sys, root).options
}
