import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.js'
import { node, writeJson } from './run.js'

const tools = join(import.meta.dirname, 'tools/node_modules')

/** Without the tools, their tests are skipped on a developer's machine, but not in CI. */
export const hasTools = existsSync(tools) || Boolean(process.env['CI'])

if (!hasTools) console.warn('tests of packages with other tools skipped: npm ci --prefix test/packed/tools')

export const JEST = join(tools, 'jest/bin/jest.js')
export const PNPM = join(tools, 'pnpm/bin/pnpm.cjs')
export const YARN = join(tools, '@yarnpkg/cli-dist/bin/yarn.js')

export type TypeScriptVersion = '5.4' | '5.5' | '5.6' | '5.7' | '5.8' | '5.9' | '7.0'

interface Compilation {
  /** The version of this repository, if not given. */
  readonly typescript?: TypeScriptVersion
  readonly name: string
  readonly options: Record<string, unknown>
  readonly files: readonly string[]
}

/** Returns the compiler's errors, except those in declarations of other packages. */
export async function compile(
  project: string,
  { typescript, name, options, files }: Compilation,
): Promise<readonly string[]> {
  const config = join(project, `tsconfig.${name}.json`)
  const compilerOptions = { noEmit: true, ...options, strict: true, target: 'es2022', types: ['node'] }
  writeJson(config, { compilerOptions, files })
  const installed = typescript ? join(tools, `typescript-${typescript}`) : join(root, 'node_modules/typescript')
  const output = await node([join(installed, 'bin/tsc'), '--pretty', 'false', '-p', config], project).catch(
    (error: Error) => (error.cause as { stdout: string }).stdout || String(error),
  )
  return output.split('\n').filter((line) => line !== '' && !/^(\S*node_modules\/(?!@clerk-auth\/)|\s)/.test(line))
}
