import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/command-line/command.js'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const app = (name: string) => join(import.meta.dirname, 'apps', `${name}.js`)

async function routes(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  progress?: (text: string) => void,
) {
  const out: string[] = []
  const err: string[] = []
  const exitCode = await run(['routes', ...argv], {
    out: (text) => void out.push(...text.split('\n')),
    err: (text) => void err.push(text),
    env: { ...process.env, ...env },
    input: async () => undefined,
    isTerminal: false,
    stopped: () => new Promise(() => {}),
    progress,
  })
  return { exitCode, out, err }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function temporaryFile(name: string, content: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

// The application is loaded in a process that runs what was built.
describe.skipIf(!existsSync(`${packageFolder}dist/host.js`))('clerk-auth-local routes', { timeout: 120_000 }, () => {
  test('lists routes and guards, without what the application prints', async () => {
    expect(await routes([app('guarded')])).toEqual({
      exitCode: 0,
      out: [
        'GET /health               public',
        'GET /me                   signed in',
        'POST /invoices            signed in, role org:admin in the active organization',
        'GET /orgs/:orgId/members  signed in, the organization of the request',
      ],
      err: [],
    })
  })

  test('has no findings in an application in which every route is guarded or public', async () => {
    const { exitCode, out, err } = await routes([app('guarded'), '--check'])
    expect(out).toEqual([expect.stringMatching(/^4 routes, 11 personas, \d+ requests: no findings$/)])
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: [] })
  })

  test('shows in a terminal how far it is, and removes that at the end', async () => {
    const shown: string[] = []
    await routes([app('guarded'), '--check'], {}, (text) => void shown.push(text))
    expect(shown.slice(0, 4)).toEqual(['1 of 4 routes', '2 of 4 routes', '3 of 4 routes', '4 of 4 routes'])
    expect(shown.at(-1)).toBe('')
  })

  test('names what is open, each route in one line', async () => {
    const { exitCode, out, err } = await routes([app('open'), '--check'])
    expect(out).toEqual(['GET /metrics: no guard', expect.stringMatching(/: 1 finding$/)])
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: [] })
  })

  test('accepts findings, and reports what accepts nothing', async () => {
    const allow = temporaryFile('allow.txt', 'GET /metrics  scraped inside the cluster\n')
    expect(await routes([app('open'), '--check', '--allow', allow])).toMatchObject({ exitCode: 0 })
    const { exitCode, out } = await routes([app('guarded'), '--check', '--allow', allow])
    expect(out[0]).toBe(`GET /metrics: nothing to accept any more: remove it from ${allow}:1`)
    expect(exitCode).toBe(1)
  })

  test('compares who gets in where with a snapshot', async () => {
    const snapshot = join(temporaryFolder(), 'routes.md')
    expect(await routes([app('guarded'), '--write-snapshot', snapshot])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(snapshot, 'utf8')).toMatch(
      /^\| POST \/invoices \| credentials-missing \| passes \| role-missing/m,
    )
    expect(await routes([app('guarded'), '--check', '--snapshot', snapshot])).toMatchObject({ exitCode: 0 })

    const { exitCode, out } = await routes([app('open'), '--check', '--snapshot', snapshot])
    expect(out.slice(0, -1)).toEqual([
      'GET /metrics: no guard',
      'POST /invoices: the guard is now "signed in, role org:admin or org:member in the active organization", was "signed in, role org:admin in the active organization"',
      'POST /invoices: bob (org:member of acme) now passes, was refused role-missing',
      expect.stringMatching(/^GET \/metrics: is new: no guard; passes: anonymous, alice .* and \d+ more$/),
    ])
    expect(exitCode).toBe(1)
  })

  test('tries everyone in a seed file, and its personas', async () => {
    const seed = temporaryFile(
      'seed.yaml',
      'organizations: { initech: { name: Initech } }\n' +
        'people: { peter: { firstName: Peter, email: peter@initech.example, memberships: { initech: org:admin } } }\n' +
        'personas: { peter as an admin: { sessionToken: { user: peter, org: initech } } }\n',
    )
    const { exitCode, out } = await routes([app('guarded'), '--check', '--seed', seed, '--json'])
    const { personas, matrix } = JSON.parse(out.join('\n')) as {
      readonly personas: readonly { readonly name: string }[]
      readonly matrix: readonly { readonly route: string; readonly cells: Readonly<Record<string, string>> }[]
    }
    expect(personas.map(({ name }) => name)).toContain('peter as an admin')
    expect(matrix.find(({ route }) => route === 'POST /invoices')?.cells).toMatchObject({
      'peter (no organization)': 'role-missing',
      'peter (org:admin of initech)': 'passes',
      'peter as an admin': 'passes',
    })
    expect(exitCode).toBe(0)
  })

  test('calls no handler, unless asked to', async () => {
    const called = join(temporaryFolder(), 'called')
    expect(await routes([app('calls'), '--check'], { CALLED_FILE: called })).toMatchObject({ exitCode: 0 })
    expect(existsSync(called)).toBe(false)
    expect(await routes([app('calls'), '--check', '--call-handlers'], { CALLED_FILE: called })).toMatchObject({
      exitCode: 0,
    })
    expect(existsSync(called)).toBe(true)
  })

  test('does not let the environment of production or of another instance apply', async () => {
    const env = { NODE_ENV: 'production', CLERK_AUTHORIZED_PARTIES: 'https://app.example.com', CLERK_JWT_KEY: 'x' }
    expect(await routes([app('guarded'), '--check'], env)).toMatchObject({ exitCode: 0 })
  })

  test('sets NODE_ENV to test if it is not set, so that a rate limit can be lifted', async () => {
    const { exitCode, out } = await routes([app('limited'), '--check'], { NODE_ENV: '' })
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: [
        'No persona passes GET /admin: add one to the seed, or look at the guard',
        expect.stringMatching(/^2 routes, 11 personas, \d+ requests: no findings$/),
      ],
    })
  })

  test('does not say that no persona passes a route if it cannot tell', async () => {
    const { exitCode, out } = await routes([app('limited'), '--check'], { NODE_ENV: 'development' })
    expect({ exitCode, out }).toEqual({
      exitCode: 1,
      out: [
        expect.stringMatching(/^GET \/me: cannot tell: it answers 429 to /),
        expect.stringMatching(/^GET \/admin: cannot tell: it answers 429 to /),
        expect.stringMatching(/^2 routes, 11 personas, \d+ requests: 2 findings$/),
      ],
    })
  })

  test.each([
    ['no file', [], 'routes takes one file, as in: routes app.js --check'],
    ['a file that does not exist', ['missing.js'], 'missing.js: there is no such file'],
    ['an unknown option', [app('open'), '--chek'], /^Unknown option '--chek'/],
    ['a timeout of nothing', [app('open'), '--timeout', '0'], '--timeout must be a number of seconds'],
    ['a snapshot that does not exist', [app('open'), '--snapshot', '/none.md'], '/none.md cannot be read: ENOENT'],
    ['a route that hangs', [app('hangs'), '--check', '--timeout', '1'], 'GET /slow did not answer within 1 seconds'],
    [
      'keys of another instance in code',
      [app('elsewhere'), '--check'],
      /^the application does not accept tokens of the local instance \(\S+\): its options in code point to another/,
    ],
  ])('exits with 2 and one line for %s', async (_, argv, message) => {
    const { exitCode, out, err } = await routes(argv)
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: [] })
    expect(err).toEqual([expect.stringMatching(/^clerk-auth-local: [^\n]+$/)])
    expect(err[0]?.slice('clerk-auth-local: '.length)).toMatch(message)
  })

  test('leaves nothing running after Ctrl+C', async () => {
    const marker = `--marker-${process.pid}`
    const child = spawn(
      process.execPath,
      [join(packageFolder, 'bin/clerk-auth-local.js'), 'routes', app('hangs'), '--check', '--timeout', '60'],
      { env: { ...process.env, NODE_OPTIONS: '', MARKER: marker } },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    const host = await until(() => hostsOf(marker)[0])
    // Asked by now, and waiting.
    await wait(1000)
    child.kill('SIGINT')
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect({ code: code as number, out }).toEqual({ code: 130, out: '' })
    expect(existsSync(`/proc/${host}`)).toBe(false)
  })
})

/** Processes of applications that have this in their environment. */
function hostsOf(marker: string): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('host.js') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(marker)
        )
      } catch {
        return false
      }
    })
}

async function until<T>(found: () => T | undefined): Promise<T> {
  for (;;) {
    const value = found()
    if (value !== undefined) return value
    await wait(50)
  }
}
