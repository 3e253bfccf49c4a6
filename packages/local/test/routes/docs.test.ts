import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../../src/command-line/command.js'

const root = resolve(import.meta.dirname, '../../../..')
const page = readFileSync(join(root, 'docs/routes.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, code = '']) => ({ language, code }))
const commands = blocks.flatMap(({ language, code }) => (language === 'sh' ? [code.trim()] : []))
const app = (name: string) => join(import.meta.dirname, 'apps', `${name}.js`)

/** The block after the one that contains a text. */
function blockAfter(text: string): string {
  return blocks[blocks.findIndex(({ code }) => code.includes(text)) + 1]?.code ?? ''
}

describe.skipIf(!existsSync(join(root, 'packages/local/dist/host.js')))('docs/routes.md', { timeout: 120_000 }, () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
    writeFileSync(join(folder, 'params.yaml'), blockAfter('--params params.yaml'))
    writeFileSync(join(folder, 'allow.txt'), blockAfter('--allow allow.txt'))
    writeFileSync(join(folder, 'seed.yaml'), blocks.find(({ code }) => code.startsWith('organizations:'))?.code ?? '')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Runs the command of the page that contains a text. */
  async function runCommandWith(text: string, file: string) {
    const command = commands.find((command) => command.includes(text)) ?? ''
    const argv = command.split(' ').slice('npx @clerk-auth/local'.split(' ').length)
    const lines: string[] = []
    const exitCode = await run(
      argv.map((arg) =>
        arg.endsWith('app.js') ? file : /^[a-z]+\.(yaml|txt|md)$/.test(arg) ? join(folder, arg) : arg,
      ),
      {
        out: (text) => void lines.push(text),
        err: (text) => void lines.push(text),
        env: process.env,
        input: async () => undefined,
        isTerminal: false,
        stopped: () => new Promise(() => {}),
      },
    )
    return { exitCode, text: `${lines.join('\n')}\n` }
  }

  test('shows the findings of an application with two mistakes', async () => {
    const { exitCode, text } = await runCommandWith('app.js --check', app('docs'))
    expect(text).toBe(blockAfter('app.js --check'))
    expect(exitCode).toBe(1)
  })

  test('shows the list of routes', async () => {
    const { text } = await runCommandWith('routes examples/routes.js', '')
    expect(text).toBe(blockAfter('routes examples/routes.js'))
  })

  test('has files of values, of accepted findings and of a seed that the command reads', async () => {
    expect(await runCommandWith('--params', app('docs'))).toMatchObject({ exitCode: 1 })
    const { text } = await runCommandWith('--allow', app('docs'))
    expect(text).not.toContain('GET /metrics')
    expect(await runCommandWith('--seed', app('guarded'))).toMatchObject({ exitCode: 0 })
  })

  test('shows a part of a snapshot, and a change', async () => {
    const snapshot = join(folder, 'routes.md')
    expect(await runCommandWith('--write-snapshot', join(root, 'examples/routes.js'))).toMatchObject({ exitCode: 0 })
    expect(readFileSync(snapshot, 'utf8')).toContain(blockAfter('--write-snapshot'))
    const { text } = await runCommandWith('--snapshot routes.md', app('open'))
    expect(text).toContain(blockAfter('--check --snapshot routes.md'))
  })

  test('has a workflow that runs the command', async () => {
    const workflow = blocks.find(({ code }) => code.startsWith('name:'))?.code ?? ''
    const { jobs } = parse(workflow) as {
      readonly jobs: { readonly routes: { readonly steps: readonly { readonly run?: string }[] } }
    }
    const step = jobs.routes.steps.at(-1)?.run?.replace('src/app.js', 'app.js')
    expect(commands).toContain(step)
  })
})
