import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/auth/errors.js'
import { AuthError, toChallenge } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...readdirSync(join(root, 'docs'), { encoding: 'utf8', recursive: true }).map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((page) => page.endsWith('.md') && existsSync(join(root, page)))

interface Block {
  readonly page: string
  readonly language: string
  readonly code: string
  /** The file that the block quotes. */
  readonly file: string | undefined
}

/** The code blocks of all pages. A comment with a path before a block says that it quotes that file. */
const blocks: readonly Block[] = pages.flatMap((page) =>
  [...read(page).matchAll(/(?:<!-- ((?:examples|test)\/\S+) -->\n\n)?```(\w+)\n([\s\S]*?)```/g)].map(
    ([, file, language = '', code = '']) => ({ page, language, code, file }),
  ),
)

describe('an example from a file', () => {
  const quoted = blocks.flatMap(({ page, file, code }) => (file === undefined ? [] : [[page, file, code] as const]))

  it.each(quoted)('is quoted exactly: in %s, %s', (_page, file, code) => {
    expect(code).toBe(read(file))
  })
})

describe('an example that is only on a page', () => {
  const folder = join(root, 'test/docs/generated')
  const snippets = blocks
    .filter(({ language, file }) => language === 'ts' && file === undefined)
    .map(({ page, code }, i) => [page, join(folder, `${page.replace(/\W/g, '-')}-${i}.ts`), code] as const)
  let local: LocalClerk
  let problems: (file: string) => string[]

  beforeAll(async () => {
    local = await startLocalClerk()
    // Nothing connects to Redis: the examples verify no token.
    const shared = { REDIS_URL: 'redis://localhost:6379', CLERK_AUTH_SHARED_SECRET: 'x'.repeat(32) }
    Object.assign(process.env, local.env, shared)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const [page, file, code] of snippets) writeFileSync(file, `${preludeOf(page, code)}\n${code}`)
    // An augmentation of `Register` would apply to all files of a program.
    const alone = snippets.filter(([, , code]) => code.includes('declare module')).map(([, file]) => file)
    const together = problemsOf(snippets.map(([, file]) => file).filter((file) => !alone.includes(file)))
    problems = (file) => (alone.includes(file) ? problemsOf([file])(file) : together(file))
  }, 120_000)
  afterAll(async () => {
    for (const name of [...Object.keys(local.env), 'REDIS_URL', 'CLERK_AUTH_SHARED_SECRET']) delete process.env[name]
    await local.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(snippets)('compiles and runs: in %s', async (_page, file) => {
    expect(problems(file)).toEqual([])
    await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined()
  })
})

describe('a command', () => {
  const commands = blocks.filter(({ language }) => language === 'sh')

  it.each(commands)('can be parsed by a shell: on $page, $code', ({ code }) => {
    // `…` and `<name>` are for the reader to replace.
    const { stderr } = spawnSync('bash', ['-n'], { input: code.replace(/<[^>\n]+>/g, 'x'), encoding: 'utf8' })
    expect(stderr).toBe('')
  })
})

it('every other code block is checked by a test of its own', () => {
  const others = blocks.filter(({ language, file }) => file === undefined && language !== 'ts' && language !== 'sh')
  expect([...new Set(others.map(({ page, language }) => `${page}: ${language}`))].sort()).toEqual([
    'docs/observability.md: promql', // test/observability/docs.test.ts
    'docs/refusals.md: http', // below
    'docs/routes.md: yaml', // packages/local/test/routes/docs.test.ts
    'packages/local/README.md: js', // packages/local/test/readme.test.ts
    'packages/local/README.md: typescript',
    'packages/local/README.md: yaml', // packages/local/test/run-command.test.ts
  ])
})

it('docs/refusals.md shows a response as it is', () => {
  const code = blocks.find(({ page, language }) => page === 'docs/refusals.md' && language === 'http')?.code ?? ''
  const [head = '', body = ''] = code.split('\n\n')
  const { status, headers, body: problem } = toChallenge(new AuthError('role-missing'))
  expect(JSON.parse(body)).toEqual(problem)
  const [statusLine, ...lines] = head.split('\n')
  expect(statusLine).toBe(`HTTP/1.1 ${status} Forbidden`)
  expect(Object.fromEntries(lines.map((line) => line.split(': ')))).toEqual(headers)
})

/** What the compiler reports in one of the files. They are compiled together, because the libraries take most of it. */
function problemsOf(files: readonly string[]): (file: string) => string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  // Examples declare more than they use.
  const program = ts.createProgram([...files], { ...options, noUnusedLocals: false, noUnusedParameters: false })
  return (file) => {
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
    return problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  }
}

/** Declarations that an example may leave out. */
function preludeOf(page: string, code: string): string {
  const declared = {
    express: `import express from 'express'`,
    app: `const app = express()`,
    audit: `const audit = console`,
    deleteAccount: `const deleteAccount: express.RequestHandler = (_req, res) => void res.json([])`,
    listInvoices: `const listInvoices: express.RequestHandler = (_req, res) => void res.json([])`,
    request: `const request = new Request('http://localhost')`,
    token: `const token = 'not a token'`,
  }
  const adapter = ['clerkAuth', 'createClerkAuth', 'getAuth', 'isPublic', 'requireAuth'].filter((name) =>
    code.includes(`${name}(`),
  )
  const imports =
    code.includes('import {') || adapter.length === 0
      ? ''
      : `import { ${adapter.join(', ')} } from '@clerk-auth/express'`
  const names = Object.entries(declared).filter(([name]) => !new RegExp(`(const|import) ${name}\\b`).test(code))
  return [imports, ...names.map(([, declaration]) => declaration), 'export {}', `// ${page}`].join('\n')
}

it.each(Object.entries(AUTH_ERRORS))('docs/refusals.md explains %s under its status', (code, [status]) => {
  const [, ...sections] = read('docs/refusals.md').split(/^## /m)
  expect(sections.find((section) => section.includes(`| \`${code}\``))).toMatch(new RegExp(`^${status}`))
})

it('docs/configuration.md names every option', () => {
  const declared =
    read('packages/core/src/config/options.ts').match(/interface ClerkAuthOptions \{([\s\S]*?)\n\}/)?.[1] ?? ''
  const options = [...declared.matchAll(/readonly (\w+)\?:/g)].map(([, name = '']) => name)
  expect(options.length).toBeGreaterThan(20)
  const page = read('docs/configuration.md')
  expect(options.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

it('docs/threat-model.md names existing tests', () => {
  const named = [...read('docs/threat-model.md').matchAll(/`((?:test|packages)\/[^`]+)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

it.each(pages)('the links of %s are not broken', (page) => {
  const text = read(page).replace(/```[\s\S]*?```/g, '')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(resolve(root, dirname(page), link)))).toEqual([])
})

it.each(pages)('the anchors that %s links to exist', (page) => {
  const text = read(page).replace(/```[\s\S]*?```/g, '')
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
  const missing = links.filter(([, path, anchor = '']) => {
    const linked = path ? resolve(root, dirname(page), path) : join(root, page)
    return !anchorsOf(readFileSync(linked, 'utf8')).has(anchor)
  })
  expect(missing.map(([link]) => link)).toEqual([])
})

/** The anchors that GitHub and VitePress give to headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replace(/\s/g, '-'),
    ),
  )
}
