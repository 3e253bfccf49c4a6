import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import { readApiOptions } from '../src/command-line/api-options.js'
import { explainToken, type Explanation } from '../src/explain/explain-token.js'
import { start } from './start.js'

interface Environment {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
}

async function explain(argv: readonly string[], { input, env = {}, isTerminal = false }: Environment = {}) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(['explain', ...argv], {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env,
    input: async () => input,
    isTerminal,
    stopped: () => Promise.resolve(),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function explained(argv: readonly string[], environment?: Environment): Promise<Explanation> {
  const { code, out, err } = await explain([...argv, '--json'], environment)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Explanation
}

/** Fails if the output contains the token or its signature. */
function expectNoEcho(output: string, token: string): void {
  for (const secret of [token, token.split('.').at(-1)!]) expect(output).not.toContain(secret)
}

describe('clerk-auth-local explain', () => {
  test('prints kind, claims, lifetime and verdict of a token', async () => {
    const local = await start()
    const token = await local.sessionToken({ user: 'bob', ttlInSeconds: 3600 })
    const { code, out } = await explain([token, '--url', local.url])
    expect(code).toBe(0)
    expect(out).toMatch(/^Session token \(JWT\)\n/)
    expect(out).toContain('"alg": "ES256"')
    expect(out).toContain(`"sub": "${local.people.bob.id}"`)
    expect(out).toMatch(/\n {2}issued {6}20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ {2}(now|\d+ s ago)\n/)
    expect(out).toMatch(/\n {2}expires .*Z {2}in (1 h|59 min \d+ s)\n/)
    expect(out).toContain('Its lifetime is 1 h.')
    expect(out).toMatch(/\n {2}[┼·━●…─]{60}\n/)
    expect(out).toMatch(/\nAn API with these options accepts it\.$/)
    expectNoEcho(out, token)
  })

  test('prints why an API refuses a token, and how to fix it', async () => {
    const local = await start()
    const token = await local.sessionToken({ ttlInSeconds: -3600 })
    const { code, out } = await explain([token, '--url', local.url])
    expect(code).toBe(0)
    expect(out).toContain('An API with these options refuses it: 401 token-expired\n')
    expect(out).toMatch(/\n {2}why {2}It expired 1 h (\d+ s )?ago, and the API allows a clock skew of 5 s\.\n/)
    expect(out).toMatch(/\n {2}do {3}Get a new token\./)
    expectNoEcho(out, token)
  })

  test.each([
    ['alone', (token: string) => token],
    ['with a trailing newline', (token: string) => `${token}\n`],
    ['with its scheme', (token: string) => `Bearer ${token}`],
    ['as a complete header', (token: string) => `Authorization: bearer ${token}\r\n`],
  ])('reads a token from standard input %s', async (_, form) => {
    const local = await start()
    const input = form(await local.sessionToken())
    const argv = ['--url', local.url]
    expect((await explained(argv, { input })).verdict).toEqual({ outcome: 'accepted' })
    expect((await explained(['-', ...argv], { input })).verdict).toEqual({ outcome: 'accepted' })
  })

  test('uses the environment variables of an API, and prefers options', async () => {
    const [local, other] = [await start(), await start()]
    const input = await local.sessionToken({ azp: 'https://app.example' })
    const env = { ...local.env, CLERK_AUTHORIZED_PARTIES: 'https://app.example,https://www.example' }
    expect((await explained([], { input, env })).verdict).toEqual({ outcome: 'accepted' })
    const { CLERK_FAPI: _, ...withKey } = env
    expect((await explained([], { input, env: withKey })).verdict).toEqual({ outcome: 'accepted' })
    expect((await explained(['--url', other.url], { input, env })).verdict).toMatchObject({ code: 'jwk-kid-mismatch' })
    const options = ['--authorized-parties', 'https://other.example']
    expect((await explained(options, { input, env })).verdict).toMatchObject({
      code: 'token-invalid-authorized-parties',
      because: 'its "azp" is "https://app.example", and the API allows "https://other.example"',
    })
  })

  test('accepts the key of an API in every format', async () => {
    const local = await start()
    const input = await local.sessionToken()
    const [jwk] = ((await (await fetch(`${local.url}/.well-known/jwks.json`)).json()) as { keys: object[] }).keys
    const keys = [
      local.jwtKey,
      local.jwtKey.replaceAll('\n', '\\n'),
      JSON.stringify(jwk),
      local.jwtKey.replace(/-----.*-----|\n/g, ''),
    ]
    for (const key of keys)
      expect((await explained(['--jwt-key', key], { input })).verdict).toEqual({ outcome: 'accepted' })
    const jwksUrl = ['--jwks-url', `${local.url}/.well-known/jwks.json`]
    expect((await explained(jwksUrl, { input })).verdict).toEqual({ outcome: 'accepted' })
    const publishableKey = ['--publishable-key', local.env.CLERK_PUBLISHABLE_KEY]
    expect((await explained(publishableKey, { input })).verdict).toEqual({ outcome: 'accepted' })
  })

  test('asks the local instance about an opaque token, and uses its clock', async () => {
    const local = await start()
    const token = await local.m2mToken({ ttlInSeconds: 60 })
    const argv = ['--url', local.url, '--accepts', 'm2m_token,api_key']
    const explanation = await explained(argv, { input: token })
    expect(explanation).toMatchObject({
      form: 'opaque',
      kind: 'm2m_token',
      claims: null,
      record: { known: true, subject: local.machines.worker.id },
      verdict: { outcome: 'accepted' },
    })
    local.clock.advance(61_000)
    const { out } = await explain(argv, { input: token })
    expect(out).toContain('refuses it: 401 token-not-found')
    expect(out).toContain('It expired 1 s ago.')
    expectNoEcho(out, token)
  })

  test('is undecided about an opaque token if no local instance runs', async () => {
    const argv = ['--url', 'http://127.0.0.1:1', '--accepts', 'any']
    const { out } = await explain(argv, { input: `oat_${'x'.repeat(42)}` })
    expect(out).toMatch(/^OAuth access token \(opaque\)\n/)
    expect(out).toContain('only the instance that issued it knows')
    expect(out).not.toContain('xxxx')
  })

  test('sends an opaque token to loopback addresses only', async () => {
    const paths: string[] = []
    const server = createServer((request, response) => {
      paths.push(String(request.url))
      response.end('{"known":false}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const explainAt = (host: string) => {
      const argv = ['--url', `http://${host}:${port}`, '--accepts', 'any']
      return explained(argv, { input: `ak_${'x'.repeat(42)}` })
    }
    // Not a loopback address, although this machine accepts connections at it.
    expect((await explainAt('0.0.0.0')).verdict).toMatchObject({ outcome: 'undecided' })
    expect(paths).not.toContain('/_local/tokens/describe')
    expect((await explainAt('127.0.0.1')).verdict).toMatchObject({ code: 'token-not-found' })
    expect(paths).toContain('/_local/tokens/describe')
  })

  test('checks the claims even without a key, and says that the signature is not verified', async () => {
    const local = await start()
    const { rules } = readApiOptions({}, {}, local.url)
    const api = { ...rules, keys: { from: 'none' }, describe: async () => undefined } as const
    const verdictOn = async (token: string) => (await explainToken(token, api, Date.now())).verdict
    expect(await verdictOn(await local.sessionToken())).toMatchObject({
      outcome: 'undecided',
      because: 'there is no key to verify its signature with',
    })
    const expired = await local.sessionToken({ ttlInSeconds: -60 })
    expect(await verdictOn(expired)).toMatchObject({ code: 'token-expired', signature: 'not-verified' })
    const withKey = await explained(['--jwt-key', local.jwtKey], { input: expired })
    expect(withKey.verdict).toMatchObject({ code: 'token-expired', signature: 'verified' })
  })

  test.each([
    ['an answer that is not a key set', '{}', 200, 'the response is not a JWK Set'],
    ['an error status', '{"keys":[]}', 500, 'the response status is 500'],
    ['a redirect', '', 302, 'it cannot be reached'],
    ['an oversized answer', ' '.repeat(300_000), 200, 'the response is too large'],
  ])('reports keys-unavailable when the key endpoint returns %s', async (_, body, status, because) => {
    const server = createServer((_, response) => void response.writeHead(status, { location: '/' }).end(body)).listen(
      0,
      '127.0.0.1',
    )
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    const { verdict } = await explained(['--jwks-url', url], { input: await (await start()).sessionToken() })
    expect(verdict).toMatchObject({
      status: 503,
      code: 'keys-unavailable',
      because: `no keys from ${url}: ${because}`,
    })
  })

  test('prints the readable parts of a malformed token', async () => {
    const local = await start()
    const [header, payload] = (await local.sessionToken()).split('.')
    const { out } = await explain([`${header}.${payload}`, '--url', local.url])
    expect(out).toMatch(/^Not a Clerk token, or an incomplete one\n/)
    expect(out).toContain('Claims (not verified)')
    expect(out).toContain(`"sub": "${local.people.alice.id}"`)
    expect(out).toContain('It has 2 parts and a JWT has three.')
  })

  test('judges at the time given by --now', async () => {
    const local = await start({ now: () => Date.UTC(2030, 0) })
    const argv = ['--url', local.url, '--now']
    const input = await local.sessionToken()
    expect((await explained([...argv, '2030-01-01T00:00:30Z'], { input })).verdict).toEqual({ outcome: 'accepted' })
    const early = await explained([...argv, '2029-12-31T00:00:00Z'], { input })
    expect(early.verdict).toMatchObject({
      code: 'token-not-active-yet',
      because: expect.stringContaining('in 23 h 59 min'),
    })
  })

  test('prints colours only on a terminal, and not with NO_COLOR', async () => {
    const argv = ['hello', '--url', 'http://127.0.0.1:1']
    expect((await explain(argv)).out).not.toContain('\x1b[')
    expect((await explain(argv, { isTerminal: true })).out).toContain('\x1b[31m')
    expect((await explain(argv, { isTerminal: true, env: { NO_COLOR: '1' } })).out).not.toContain('\x1b[')
    expect((await explain(argv, { isTerminal: true, env: { NO_COLOR: '' } })).out).toContain('\x1b[')
  })

  test('escapes control characters in claims', async () => {
    const local = await start()
    const input = await local.sessionToken({ claims: { iss: 'a\x1b[2J\x9b\u202e', name: '\u2066\x7f' } })
    for (const argv of [[], ['--json']]) {
      const { out } = await explain(['--url', local.url, ...argv], { input })
      for (const character of '\x1b\x7f\x9b\u202e\u2066') expect(out).not.toContain(character)
      expect(out).toContain('\\u202e')
    }
  })

  test.each([
    [[], 'explain takes a token, as an argument or on standard input'],
    [['a', 'b'], 'explain takes one token: quote it if it contains whitespace'],
    [['a', '--accepts', 'session'], '--accepts takes any, or one or more of session_token, m2m_token'],
    [['a', '--clock-skew', 'much'], '--clock-skew must be a duration such as 500ms, 5s or 1m'],
    [['a', '--missing-azp', 'maybe'], '--missing-azp must be reject or allow'],
    [['a', '--publishable-key', 'pk_x'], 'the publishable key is not valid'],
    [['a', '--jwks-url', 'file:///etc/passwd'], '--jwks-url must be a URL that starts with http:// or https://'],
    [['a', '--url', 'nowhere'], '--url must be a URL'],
    [['a', '--jwt-key', '/nowhere'], '--jwt-key must be a public key, or a readable file'],
    [['a', '--jwt-key', '{}'], '--jwt-key must be a public key: PEM'],
    [['a', '--now', 'soon'], '--now must be a time such as 2030-01-01T12:00:00Z'],
    [['a', '--audeince', 'x'], "Unknown option '--audeince', only --accepts, "],
  ])('refuses %j in one line', async (argv, message) => {
    const { code, out, err } = await explain(argv)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(message)
    expect(err).not.toContain('\n')
  })

  test('prints its help', async () => {
    expect(await explain(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--authorized-parties') })
  })
})
