import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command.js'
import { start } from './start.js'
import { call } from './tokens.js'

/** Sets the title of a terminal window, and what comes after it goes over the line that stands there. */
const STEERS = '\u001b]0;owned\u0007\r\u001b[2K\u202e'

/** Whatever a terminal does not print as it stands, line ends aside. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

function unprintableIn(words: string): readonly string[] {
  return (words.match(UNPRINTABLE) ?? []).filter((character) => character !== '\n')
}

interface Output {
  readonly code: number
  readonly out: readonly string[]
  readonly err: readonly string[]
}

async function outputOf(argv: readonly string[]): Promise<Output> {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(argv, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    env: {},
    input: async () => undefined,
    isTerminal: false,
    stopped: () => Promise.resolve(),
  })
  return { code, out, err }
}

function seedFile(seed: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-terminal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'seed.json'), JSON.stringify(seed))
  return join(folder, 'seed.json')
}

describe('what the command prints does not steer a terminal', () => {
  test('whatever the names of a seed are, of which none looks like a line of its own', async () => {
    const name = `${STEERS}\n  export CLERK_API_URL='http://evil.example'`
    const seed = {
      organizations: {},
      people: { [name]: { firstName: 'X', email: 'x@acme.example' } },
      machines: { [`m${name}`]: {} },
      clients: { [`c${name}`]: { name: 'C' } },
    }
    const { code, out } = await outputOf(['--port', '0', '--algorithm', 'ES256', '--seed', seedFile(seed)])
    expect(code).toBe(0)
    expect(out.join('\n')).toContain(String.raw`\u001b]0;owned`)
    expect(unprintableIn(out.join('\n'))).toEqual([])
    expect(out.join('\n').match(/^\s*export CLERK_API_URL=.*/gm)).toEqual([
      expect.stringMatching(/^ {2}export CLERK_API_URL='http:\/\/127\.0\.0\.1:\d+'$/),
    ])
  })

  test('when a seed is refused', async () => {
    const seed = { organizations: {}, people: { [STEERS]: { firstName: 1, email: 'x@acme.example' } } }
    const { code, err } = await outputOf(['--port', '0', '--seed', seedFile(seed)])
    expect(code).toBe(1)
    expect(err).toHaveLength(1)
    expect(unprintableIn(err[0] ?? '')).toEqual([])
  })

  test('when it names people that came by the Backend API', async () => {
    const local = await start({ seed: { organizations: {}, people: {} } })
    const created = await call(local, 'POST', '/v1/users', {
      body: { email_address: [`${STEERS.replace('\r', '')}@acme.example`] },
    })
    expect(created.status).toBe(200)
    const { code, err } = await outputOf(['token', 'nobody', '--url', local.url])
    expect(code).toBe(1)
    expect(err.join('\n')).toContain('acme.example')
    expect(unprintableIn(err.join('\n'))).toEqual([])
  })

  test.each([
    ['a token that is none', { token: STEERS }],
    ['a token that is no text', { token: { toString: 1 } }],
    ['words that are no text', { errors: [{ long_message: {} }] }],
  ])('when %s comes from what is no local instance', async (_what, body) => {
    const server = createServer((_request, response) => response.end(JSON.stringify(body))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await outputOf(['token', 'alice', '--url', url])).toEqual({
      code: 1,
      out: [],
      err: [`clerk-auth-local: the server at ${url} is not a local instance: pass its --url`],
    })
  })
})

test('what the command prints may find nobody who reads it', async () => {
  const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
  const child = spawn('sh', ['-c', '"$0" "$1" --help | true', process.execPath, command])
  expect(await text(child.stderr)).toBe('')
})
