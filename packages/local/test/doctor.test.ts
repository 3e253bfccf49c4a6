import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import { start } from './start.js'

const PROJECT = resolve(import.meta.dirname, '../../..')

/** Runs the doctor, by default in a folder whose API uses our packages. */
async function doctor(env: object, { token, folder = PROJECT }: { token?: string; folder?: string } = {}) {
  const lines: string[] = []
  const exitCode = await run(['doctor', ...(token === undefined ? [] : ['-']), '--folder', folder], {
    out: (text) => void lines.push(...text.split('\n')),
    err: (text) => void lines.push(text),
    env: { ...env },
    input: async () => token,
    isTerminal: false,
    stopped: async () => {},
  })
  return { exitCode, lines, problems: lines.filter((line) => line.startsWith('fix ')) }
}

describe('a healthy environment', () => {
  test('has no problem, and each finding is one line', async () => {
    const { env, url, kid, machines } = await start()
    const { exitCode, lines } = await doctor(env)
    expect(lines).toEqual([
      `ok    CLERK_PUBLISHABLE_KEY is a test key of ${new URL(url).host}`,
      'ok    CLERK_SECRET_KEY is a test key',
      `ok    ${url} publishes the key ${kid} (ES256)`,
      `ok    CLERK_SECRET_KEY works at ${url}`,
      'ok    Both keys belong to the same instance',
      'ok    The clock of this machine agrees with Clerk’s',
      'ok    CLERK_MACHINE_SECRET_KEY works',
      `ok    CLERK_MACHINE_ID is a machine of this instance: ${machines.api.id}`,
      'ok    An API starts with this environment',
      'ok    It can verify session tokens',
      'ok    It can verify M2M tokens',
      'ok    It can verify OAuth tokens',
      'ok    It can verify API keys',
    ])
    expect(exitCode).toBe(0)
  })

  test('accepts a token of the instance, and does not print it', async () => {
    const local = await start()
    const token = await local.sessionToken()
    const { exitCode, lines } = await doctor(local.env, { token })
    expect(lines.at(-1)).toBe('ok    It accepts the token (session_token)')
    expect(lines.join()).not.toContain(token)
    expect(exitCode).toBe(0)
  })

  test('says what kinds of tokens still need', async () => {
    const { env } = await start()
    const { exitCode, lines } = await doctor({ CLERK_PUBLISHABLE_KEY: env.CLERK_PUBLISHABLE_KEY })
    expect(lines).toContainEqual(expect.stringMatching(/^note {2}It cannot verify API keys: .* CLERK_SECRET_KEY/))
    expect(exitCode).toBe(0)
  })
})

describe('a problem', () => {
  test.each([
    [
      'keys of different environments',
      { CLERK_SECRET_KEY: 'sk_live_x' },
      'is a test key and CLERK_SECRET_KEY a live key',
    ],
    ['swapped keys', { CLERK_SECRET_KEY: 'pk_test_eA==' }, 'CLERK_SECRET_KEY is a publishable key'],
    ['a secret key in the place of the publishable one', { CLERK_PUBLISHABLE_KEY: 'sk_test_x' }, 'is a secret key'],
    ['a damaged publishable key', { CLERK_PUBLISHABLE_KEY: 'pk_test_!' }, 'is not a publishable key'],
    ['a secret key that was deleted', { CLERK_SECRET_KEY: 'sk_test_x' }, 'refuses CLERK_SECRET_KEY'],
    ['an issuer that is down', { CLERK_FAPI: 'http://127.0.0.1:9' }, 'does not publish keys: it cannot be reached'],
    ['an API that is down', { CLERK_API_URL: 'http://127.0.0.1:9' }, 'does not answer: it cannot be reached'],
    ['an unknown machine', { CLERK_MACHINE_ID: `mch_${'x'.repeat(27)}` }, 'There is no machine mch_'],
    [
      'a machine secret that was rotated',
      { CLERK_MACHINE_SECRET_KEY: `ak_${'x'.repeat(42)}` },
      'refuses CLERK_MACHINE_SECRET_KEY',
    ],
    [
      'an environment with which an API does not start',
      { CLERK_AUTHORIZED_PARTIES: 'localhost' },
      'An API does not start here',
    ],
  ])('is found and makes the exit code 1: %s', async (_what, change, expected) => {
    const { env } = await start()
    const { exitCode, problems } = await doctor({ ...env, ...change })
    expect(problems).toContainEqual(expect.stringContaining(expected))
    expect(exitCode).toBe(1)
  })

  test('is found with the secret key of another instance', async () => {
    const [local, other] = [await start(), await start()]
    const { problems } = await doctor({
      ...local.env,
      CLERK_SECRET_KEY: other.env.CLERK_SECRET_KEY,
      CLERK_API_URL: other.env.CLERK_API_URL,
    })
    expect(problems).toContainEqual(
      expect.stringContaining('CLERK_SECRET_KEY and CLERK_PUBLISHABLE_KEY belong to different instances'),
    )
  })

  test('is found with the token of another instance, with the code of the refusal', async () => {
    const [local, other] = [await start(), await start()]
    const { exitCode, problems } = await doctor(local.env, { token: await other.sessionToken() })
    expect(problems).toEqual([expect.stringMatching(/It refuses the token: (jwk-kid-mismatch|token-invalid-issuer)/)])
    expect(exitCode).toBe(1)
  })

  test('is found with a clock that is a minute off', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 60_000).toUTCString()).end('{"keys":[]}')
    }).listen(0)
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { problems } = await doctor({ CLERK_FAPI: `http://127.0.0.1:${port}` })
    expect(problems).toContainEqual(expect.stringMatching(/clock of this machine is (59|60|61) s behind Clerk’s/))
  })
})

test('an outage of Clerk is not taken for a wrong key, nor for a right one', async () => {
  const server = createServer((_request, response) => response.writeHead(503).end()).listen(0)
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { env } = await start()
  const { exitCode, lines } = await doctor({ ...env, CLERK_FAPI: url, CLERK_API_URL: url })
  expect(lines.filter((line) => line.startsWith('note'))).toEqual([
    `note  ${url} answers with status 503: try again later`,
    `note  ${url} answers with status 503: try again later`,
    `note  CLERK_MACHINE_SECRET_KEY could not be tried: ${url} answers with status 503`,
    expect.stringMatching(/^note {2}CLERK_MACHINE_ID is mch_\w+, which could not be looked up/),
  ])
  expect(lines).not.toContain('ok    CLERK_MACHINE_SECRET_KEY works')
  expect(exitCode).toBe(0)
})

test('a folder without our packages is noted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { env } = await start()
  const { exitCode, lines } = await doctor(env, { folder })
  expect(lines.at(-1)).toMatch(/^note {2}This folder has no @clerk-auth package/)
  expect(exitCode).toBe(0)
})

test('a token as an argument is refused, because it would stay in the history of the shell', async () => {
  const lines: string[] = []
  const io = { out: () => {}, err: (text: string) => void lines.push(text), env: {}, input: async () => undefined }
  expect(await run(['doctor', 'eyJ'], { ...io, isTerminal: false, stopped: async () => {} })).toBe(1)
  expect(lines).toEqual(['clerk-auth-local: doctor takes a token on standard input: pipe it to "doctor -"'])
})
