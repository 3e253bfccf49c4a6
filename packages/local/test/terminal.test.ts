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
import { run } from '../src/command-line/command.js'
import { start } from './start.js'
import { call } from './tokens.js'

/** Sets the title of a terminal window, and overwrites the current line. */
const CONTROL_SEQUENCE = '\u001b]0;owned\u0007\r\u001b[2K\u202e'

/** Characters that a terminal interprets or does not show. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

function unprintableIn(output: string): readonly string[] {
  return (output.match(UNPRINTABLE) ?? []).filter((character) => character !== '\n')
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

describe('the output of the command has no control characters', () => {
  test('for any names in a seed, and no name can imitate a line of output', async () => {
    const name = `${CONTROL_SEQUENCE}\n  export CLERK_API_URL='http://evil.example'`
    const seed = {
      organizations: {},
      people: { [name]: { firstName: 'X', email: 'x@acme.example' } },
      machines: { [`m${name}`]: {} },
      clients: { [`c${name}`]: { name: 'C' } },
    }
    const { code, out } = await outputOf(['--port', '0', '--algorithm', 'ES256', '--tokens', '--seed', seedFile(seed)])
    expect(code).toBe(0)
    expect(out.join('\n')).toContain(String.raw`\u001b]0;owned`)
    expect(unprintableIn(out.join('\n'))).toEqual([])
    expect(out.join('\n').match(/^\s*export CLERK_API_URL=.*/gm)).toEqual([
      expect.stringMatching(/^export CLERK_API_URL='http:\/\/127\.0\.0\.1:\d+'$/),
    ])
  })

  test('for a refused seed', async () => {
    const seed = { organizations: {}, people: { [CONTROL_SEQUENCE]: { firstName: 1, email: 'x@acme.example' } } }
    const { code, err } = await outputOf(['--port', '0', '--seed', seedFile(seed)])
    expect(code).toBe(1)
    expect(err).toHaveLength(1)
    expect(unprintableIn(err[0] ?? '')).toEqual([])
  })

  test('for machines created by the Backend API', async () => {
    const local = await start()
    const created = await call(local, 'POST', '/v1/machines', { body: { name: `${CONTROL_SEQUENCE}printer` } })
    expect(created.status).toBe(200)
    const { code, err } = await outputOf(['m2m', 'eve', '--url', local.url])
    expect(code).toBe(1)
    expect(err.join('\n')).toContain('printer')
    expect(unprintableIn(err.join('\n'))).toEqual([])
  })

  test.each([
    ['an invalid token', { token: CONTROL_SEQUENCE }],
    ['a token that is not a string', { token: { toString: 1 } }],
    ['a message that is not a string', { errors: [{ long_message: {} }] }],
  ])('for %s from another server', async (_name, body) => {
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

test('the command ignores a closed output pipe', async () => {
  const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
  const child = spawn('sh', ['-c', '"$0" "$1" --help | true', process.execPath, command])
  expect(await text(child.stderr)).toBe('')
})
