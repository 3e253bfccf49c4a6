import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** Newer versions of Node can require ES modules. Jest and older versions cannot. */
export const COMMONJS_ONLY = ['--no-experimental-require-module']

export function node(args: readonly string[], cwd: string, env?: Record<string, string>): Promise<string> {
  return run(process.execPath, args, cwd, env)
}

/** Runs a program and returns its output. If it fails, the output is in the error message. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env?: Record<string, string>,
): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CLERK|VITEST|NODE_ENV)/.test(name))
  try {
    return (await promisify(execFile)(command, args, { cwd, env: { ...Object.fromEntries(inherited), ...env } })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} failed: ${stdout}${stderr}`, { cause: error })
  }
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value))
}
