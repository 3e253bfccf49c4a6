import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './webhook-receiver.js'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const bin = join(packageFolder, 'bin/clerk-auth-local.js')

interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Node options before the script */
  readonly nodeArgs?: readonly string[]
}

function spawnCommand(argv: readonly string[], { env, cwd, nodeArgs = [] }: SpawnOptions = {}) {
  const child = spawn(process.execPath, [...nodeArgs, bin, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Runs a Node program next to an instance on a free port. */
function spawnProgram(program: string, options: SpawnOptions = {}) {
  return spawnCommand(['--port', '0', '--algorithm', 'ES256', '--', process.execPath, '--eval', program], options)
}

async function outcomeOf(child: ReturnType<typeof spawnCommand>, input = '') {
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number, out, err }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Prints each signal, and exits with 5 once its standard input ends. */
const WAIT_FOR_STDIN = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => console.log(signal))
  process.stdin.on('end', async () => {
    console.log((await fetch(process.env.CLERK_FAPI + '/.well-known/jwks.json')).status)
    process.exit(5)
  }).resume()
  console.log('ready')`

describe.skipIf(!existsSync(`${packageFolder}dist/command.js`))('clerk-auth-local -- command', () => {
  test('sets the environment variables of the instance, and removes those of another one', async () => {
    const program = `
      const names = Object.keys(process.env).filter((name) => name.startsWith('CLERK_'))
      fetch(process.env.CLERK_FAPI + '/.well-known/jwks.json').then(({ status }) =>
        console.log(JSON.stringify({ names: names.sort(), secretKey: process.env.CLERK_SECRET_KEY, other: process.env.OTHER, status })))`
    const env = { CLERK_SECRET_KEY: 'sk_live_1', CLERK_JWT_KEY: 'pem', OTHER: 'kept' }
    const { code, out } = await outcomeOf(spawnProgram(program, { env }))
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      names: [
        'CLERK_API_URL',
        'CLERK_FAPI',
        'CLERK_MACHINE_ID',
        'CLERK_MACHINE_SECRET_KEY',
        'CLERK_PUBLISHABLE_KEY',
        'CLERK_SECRET_KEY',
        'CLERK_WEBHOOK_SIGNING_SECRET',
      ],
      secretKey: expect.stringMatching(/^sk_test_/),
      other: 'kept',
      status: 200,
    })
  })

  test('leaves standard input and output to the command, and prints one line on standard error', async () => {
    const outcome = await outcomeOf(spawnCommand(['--port', '0', '--', 'cat']), 'from the pipe')
    expect(outcome).toEqual({
      code: 0,
      out: 'from the pipe',
      err: expect.stringMatching(
        /^clerk-auth-local: an instance with a web page listens at http:\/\/127\.0\.0\.1:\d+\n$/,
      ),
    })
  })

  test('reads its own options before --, and passes those after it to the command', async () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'seed.json'),
      JSON.stringify({ organizations: {}, people: { eve: { firstName: 'Eve', email: 'eve@acme.example' } } }),
    )
    const receiver = await startReceiver()
    writeFileSync(
      join(folder, 'command.mjs'),
      `const { CLERK_FAPI } = process.env
      const { people } = await (await fetch(CLERK_FAPI + '/_local/directory')).json()
      const body = JSON.stringify({ user: 'eve' })
      await fetch(CLERK_FAPI + '/_local/tokens/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      console.log(people.first[0].name, ...process.argv.slice(2))
      await new Promise((resolve) => setTimeout(resolve, 500))`,
    )
    const options = ['--port', '0', '--seed', 'seed.json', '--data', 'clerk.db', '--webhook', receiver.url]
    const command = ['--', process.execPath, 'command.mjs', '--port', '1', '--', '--help']
    const { code, out } = await outcomeOf(spawnCommand([...options, ...command], { cwd: folder }))
    expect([code, out]).toEqual([0, 'eve --port 1 -- --help\n'])
    expect(receiver.types()).toEqual(['session.created'])
    expect(existsSync(join(folder, 'clerk.db'))).toBe(true)
  })

  test.each([
    ['the exit code of the command', 'process.exit(7)', 7],
    ['128 plus the number of the signal that ended it', "process.kill(process.pid, 'SIGKILL')", 137],
  ])('exits with %s', async (_, program, expected) => {
    expect((await outcomeOf(spawnProgram(program))).code).toBe(expected)
  })

  test.each([
    ['is not found', 127, 'no-such-program', 'no-such-program: command not found'],
    ['is not executable', 126, './notes.txt', './notes.txt: the command cannot be executed: EACCES'],
    ['has no name', 126, '', ': the command cannot be executed: ERR_INVALID_ARG_VALUE'],
  ])('reports in one line that a command %s, and exits with %i', async (_, expected, program, message) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'notes.txt'), '')
    chmodSync(join(folder, 'notes.txt'), 0o644)
    const { code, out, err } = await outcomeOf(spawnCommand(['--port', '0', '--', program], { cwd: folder }))
    const [, ...lines] = err.trimEnd().split('\n')
    expect([code, out, lines]).toEqual([expected, '', [`clerk-auth-local: ${message}`]])
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'forwards %s once, and runs until the command ends',
    async (signal) => {
      const child = spawnProgram(WAIT_FOR_STDIN)
      const out = text(child.stdout)
      await once(child.stdout, 'data')
      child.kill(signal)
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(child.exitCode).toBeNull()
      child.stdin.end()
      expect(await once(child, 'exit')).toEqual([5, null])
      expect(await out).toBe(`ready\n${signal}\n200\n`)
    },
  )

  test('exits like a command that is ended by a signal', async () => {
    const child = spawnProgram(`console.log('ready'); setInterval(() => {}, 1000)`)
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([143, null])
  })

  test('ends the command when it crashes itself', async () => {
    const crash = `setInterval(() => { if (process.listenerCount('SIGHUP') > 0) setTimeout(() => { throw new Error('crash') }, 500) }, 50)`
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(crash)}`]
    const child = spawnProgram(`setInterval(() => {}, 1000)`, { nodeArgs })
    expect((await outcomeOf(child)).code).not.toBe(0)
  })

  // `script` of util-linux runs the command in a terminal.
  test.skipIf(process.platform !== 'linux')(
    'does not forward Ctrl+C, which the command receives from the terminal',
    async () => {
      const line = [process.execPath, bin, '--port', '0', '--', process.execPath, '--eval', WAIT_FOR_STDIN]
      const quoted = line.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
      // `exec`, because a shell that keeps running (dash) would be ended by Ctrl+C.
      const terminal = spawn('script', ['--quiet', '--return', '--command', `exec ${quoted}`, '/dev/null'])
      onTestFinished(() => void terminal.kill('SIGKILL'))
      let out = ''
      terminal.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      await expect.poll(() => out, { timeout: 10_000 }).toContain('ready')
      // One at a time: two signals that arrive together count as one.
      for (let presses = 1; presses <= 6; presses++) {
        terminal.stdin.write('\u0003')
        await expect.poll(() => out.split('SIGINT').length - 1, { timeout: 10_000 }).toBeGreaterThanOrEqual(presses)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      terminal.stdin.write('\u0004')
      expect(await once(terminal, 'exit')).toEqual([5, null])
      expect(out.match(/SIGINT/g)).toHaveLength(6)
    },
  )

  const documented = ['README.md', '../../docs/testing.md'].flatMap((page) =>
    [...readFileSync(join(packageFolder, page), 'utf8').matchAll(/^npx @clerk-auth\/local (.*-- .+)$/gm)].map(
      ([, line = '']) => [line, page] as const,
    ),
  )

  test.each(documented)('runs as documented: npx @clerk-auth/local %s, in %s', async (line) => {
    const folder = temporaryFolder()
    const program = `console.log(process.env.CLERK_SECRET_KEY)`
    writeFileSync(join(folder, 'server.js'), program)
    writeFileSync(
      join(folder, 'seed.yaml'),
      /```yaml\n(.*?)```/s.exec(readFileSync(join(packageFolder, 'README.md'), 'utf8'))?.[1] ?? '',
    )
    const scripts = { dev: 'node server.js', test: 'node server.js' }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }))
    mkdirSync(join(folder, 'home'))
    const command = spawn('sh', ['-c', `"$NODE" "$BIN" --port 0 ${line}`], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: join(folder, 'home'), NODE: process.execPath, BIN: bin },
    })
    onTestFinished(() => void command.kill('SIGKILL'))
    const { code, out } = await outcomeOf(command)
    expect([code, out]).toEqual([0, expect.stringMatching(/sk_test_\w+\n$/)])
  })

  test('is documented in the README and in docs/testing.md', () => {
    expect(new Set(documented.map(([, page]) => page)).size).toBe(2)
  })
})
