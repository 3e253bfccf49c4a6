import { exec, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import { start } from './start.js'
import { call } from './tokens.js'

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function runWith(argv: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), env, ...pipe(input) }
  const code = await run(argv, { ...io, stopped: () => Promise.resolve() })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** Standard input is a pipe with `input`, not a terminal. */
function pipe(input?: string) {
  return { input: async () => input, isTerminal: false }
}

describe('clerk-auth-local', () => {
  test('prints what to paste, then runs until it is stopped', async () => {
    const events = new EventEmitter()
    const running = run(['--port', '0', '--algorithm', 'ES256'], {
      out: (text) => events.emit('out', text),
      err: (text) => events.emit('error', new Error(text)),
      env: {},
      ...pipe(),
      stopped: () => once(events, 'stop'),
    })

    const [introduction] = (await once(events, 'out')) as [string]
    const [, url = ''] = /^export CLERK_FAPI='(.*)'$/m.exec(introduction) ?? []
    expect(introduction).toContain(`A local Clerk instance listens at ${url}\nOpen it in a browser`)
    expect(introduction).toMatch(/^People +alice {2}org:admin of acme\n +bob {4}org:member of acme\n/m)
    expect(introduction).toMatch(/^ +dave {3}no organization$/m)
    expect(introduction).toMatch(/^Machines +worker \(may call api\), api, billing$/m)
    expect(introduction).toMatch(/^OAuth clients +cli, partner$/m)
    expect(introduction).toContain(`\n  npx @clerk-auth/local token alice --url ${url}\n`)
    expect(introduction.match(/^export \w+=/gm)).toHaveLength(7)
    expect(introduction).toMatch(/^export CLERK_SECRET_KEY='sk_test_\w+'$/m)
    expect(introduction).toMatch(/^export CLERK_MACHINE_SECRET_KEY='ak_\w+'$/m)
    expect(introduction).not.toContain('eyJ')
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200)

    events.emit('stop')
    expect(await running).toBe(0)
    await expect(fetch(`${url}/.well-known/jwks.json`)).rejects.toThrow('fetch failed')
  })

  test.each([
    ['the default people', undefined, String],
    ['many long names', 50, (i: number) => `${i}-${'name'.repeat(20)}`],
    ['wide characters', 5, (i: number) => `${i}${'名前'.repeat(20)}`],
    ['many short names', 200, (i: number) => `n${i}`],
    ['a name with a line break', 1, () => 'eve\n'.repeat(30)],
  ])('prints at most 23 lines of 80 columns for a seed with %s', async (_, count, nameOf) => {
    const options = count === undefined ? [] : seedOf(count, nameOf)
    const { err, out } = await runWith(['--port', '0', '--algorithm', 'ES256', ...options])
    const lines = out.split('\n')
    expect(err).toBe('')
    expect(lines.length).toBeLessThanOrEqual(23)
    expect(lines.filter((line) => line.replace(/[^\0-\u10ff…]/gu, '--').length > 80)).toEqual([])
    expect(lines.filter((line) => line.startsWith('export '))).toHaveLength(7)
  })

  test('prints the output that the README shows', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [, documented = ''] = /```\n(A local Clerk instance.*?export CLERK_SECRET_KEY=')/s.exec(readme) ?? []
    const { out } = await runWith(['--port', '0', '--algorithm', 'ES256'])
    const [, url = ''] = /listens at (.*)/.exec(out) ?? []
    const onDefaultPort = out.replaceAll(` --url ${url}`, '').replaceAll(url, 'http://127.0.0.1:4010')
    expect(documented).not.toBe('')
    expect(onDefaultPort.slice(0, documented.length)).toBe(documented)
  })

  test('prints how many people, roles, machines and clients it omits', async () => {
    const { out } = await runWith(['--port', '0', '--algorithm', 'ES256', ...seedOf(200, (i: number) => `n${i}`)])
    expect(out).toMatch(/^People +n0 {2}org:admin of o0, .*, and \d+ more\n +n1 .*\n +n2 .*\n +and 197 more$/m)
    expect(out).toMatch(/^Machines +n0 \(may call n0 and 99 more\), and 199 more$/m)
    const [, last, more] = /^OAuth clients +n0, n1, .*n(\d+), and (\d+) more$/m.exec(out) ?? []
    expect(Number(last) + 1 + Number(more)).toBe(200)
  })

  test('prints session tokens for 8 hours and the secret keys of machines with --tokens', async () => {
    const { out } = await runWith(['--port', '0', '--algorithm', 'ES256', '--tokens'])
    const claims = [...out.matchAll(/^ {2}\w+\n {4}(eyJ\S+)$/gm)].map(([, token = '']) => decodeJwt(token))
    expect(claims).toHaveLength(4)
    for (const { exp, iat } of claims) expect(exp! - iat!).toBe(8 * 3600)
    expect(out.match(/^ {2}(worker|api|billing)\n {4}ak_\w+$/gm)).toHaveLength(3)
    expect(out.indexOf('A local Clerk instance')).toBeGreaterThan(out.lastIndexOf('    ak_'))
  })

  test('prints commands for the first person or machine whose name fits in one line', async () => {
    const people = {
      ['x'.repeat(60)]: { firstName: 'X', email: 'x@acme.example' },
      'e\nve': { firstName: 'Eve', email: 'eve@acme.example' },
    }
    const machines = { robot: { scopes: ['api'] }, api: {} }
    const options = ['--seed', seedFileOf(JSON.stringify({ organizations: {}, people, machines }))]
    const { out } = await runWith(['--port', '0', '--algorithm', 'ES256', ...options])
    expect(out).toMatch(/^ {2}npx @clerk-auth\/local m2m robot --url \S+$/m)
  })

  test('prints neither people nor commands if there are none', async () => {
    const seed = { organizations: {}, people: {}, machines: { api: {} }, clients: {} }
    const { out } = await runWith(['--port', '0', '--algorithm', 'ES256', '--seed', seedFileOf(JSON.stringify(seed))])
    expect(out).toMatch(/Ctrl\+C stops the instance\.\n\nMachines +api\n\nSet these/)
  })

  test('prints its help and its version', async () => {
    for (const word of ['--help', '-h', 'help'])
      expect(await runWith([word])).toMatchObject({ code: 0, out: expect.stringContaining('--algorithm') })
    expect(await runWith(['token', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--ttl') })
    expect(await runWith(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  })

  test('explains how to choose another port if one is in use', async () => {
    const { port } = new URL((await start()).url)
    expect(await runWith(['--port', port])).toEqual({
      code: 1,
      out: '',
      err: `clerk-auth-local: port ${port} is in use, perhaps by another instance: stop it, or use another --port, or 0 for any free port`,
    })
  })

  test.each([
    [
      ['--client-documents-ca', '/nowhere.pem'],
      '--client-documents-ca must be a readable file with a certificate, as PEM',
    ],
    [
      ['--prot', '1'],
      "Unknown option '--prot', only --port, --host, --seed, --algorithm, --data, --webhook, --client-documents-ca, --tokens, --help, --version: see --help",
    ],
    [['--port'], 'argument missing: see --help'],
    [['--port', 'x'], '--port must be an integer from 0 to 65535'],
    [['--port', '65536'], '--port must be an integer from 0 to 65535'],
    [['--host', '0.0.0.0'], '--host must be a loopback address, such as 127.0.0.1'],
    [['--algorithm', 'HS256'], '--algorithm must be one of RS256, RS384'],
    [
      ['tokens'],
      'there is no command "tokens", only token, m2m, oauth, api-key, template, explain, doctor, routes; to start an instance, omit it',
    ],
    [['node', 'server.js'], 'to run a program, put it after --'],
    [['--port', '0', '--'], '-- must be followed by a command, as in: clerk-auth-local -- node server.js'],
    [['--tokens', '--', 'true'], '--tokens cannot be combined with a command after --'],
    [['m2m'], 'm2m takes one machine, as in: m2m worker'],
    [['oauth'], 'oauth takes one person, as in: oauth alice'],
    [['api-key'], 'api-key takes one person or organization, as in: api-key alice'],
    [['api-key', 'alice', '--format', 'jwt'], "Unknown option '--format'"],
    [['token'], 'token takes one person, as in: token alice'],
    [['token', 'alice', 'bob'], 'token takes one person, as in: token alice'],
    [['token', 'alice', '--ttl', 'soon'], '--ttl must be a duration such as 90, 90s, 15m, 8h or 2d, or -60s'],
    [['token', 'alice', '--ttl', '-soon'], "Option '--ttl' argument is ambiguous: see --help"],
    [['token', 'alice', '--org', 'acme', '--no-org'], 'use either --org or --no-org, not both'],
    [['token', 'alice', '--claims', '[]'], '--claims must be a JSON object, as in'],
    [['token', 'alice', '--claims', '{'], '--claims must be a JSON object, as in'],
    [['--seed', '/nowhere/seed.yaml'], 'the seed file /nowhere/seed.yaml cannot be read: no such file'],
    [['eyJhbGciOiJSUzI1NiJ9.e30.c2ln'], 'there is no command with that name, only token'],
    [
      ['token', 'alice', '--url', 'nowhere'],
      '"nowhere" is not a URL: pass that of a local instance as --url, such as http',
    ],
    [['token', 'alice', '--url', 'http://127.0.0.1:1'], 'start one with "npx @clerk-auth/local", or pass its --url'],
  ])('refuses %j in one line', async (argv, message) => {
    const { code, out, err } = await runWith(argv)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain(message)
    expect(err).not.toContain('\n')
  })
})

describe('clerk-auth-local token', () => {
  test.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['8h', 28_800],
    ['2d', 172_800],
  ])('prints a token with a lifetime of %s', async (ttl, seconds) => {
    const local = await start()
    const { code, out } = await runWith(['token', 'bob', '--org', 'acme', '--ttl', ttl], { CLERK_FAPI: local.url })
    const claims = decodeJwt(out)
    expect(code).toBe(0)
    expect(claims).toMatchObject({ iss: local.url, sub: local.people.bob.id, o: { slg: 'acme', rol: 'member' } })
    expect(claims.exp! - claims.iat!).toBe(seconds)
  })

  test.each([[['--ttl', '-2m']], [['--ttl=-120']]])(
    'prints a token that expired two minutes ago for %j',
    async (argv) => {
      const local = await start()
      local.clock.set(Date.UTC(2030, 0))
      const { code, out } = await runWith(['token', 'bob', ...argv], { CLERK_FAPI: local.url })
      expect(code).toBe(0)
      expect(decodeJwt(out).exp).toBe(Date.UTC(2030, 0) / 1000 - 120)
    },
  )

  test('sets claims from the options', async () => {
    const local = await start()
    const printed = async (...argv: string[]) => decodeJwt((await runWith([...argv, '--url', local.url])).out)
    const flags = ['--permission', 'org:a:b', '--permission', 'org:a:c', '--azp', 'https://app.example', '--pending']
    expect(await printed('token', 'bob', '--role', 'org:boss', ...flags)).toMatchObject({
      azp: 'https://app.example',
      sts: 'pending',
      o: { rol: 'boss', per: 'b,c' },
    })
    const personal = await printed('token', 'alice', '--no-org', '--actor', 'bob', '--claims', '{"plan":"pro"}')
    expect(personal).toMatchObject({ act: { sub: local.people.bob.id }, plan: 'pro' })
    expect(personal).not.toHaveProperty('o')
    const oauth = await printed('oauth', 'alice', '--audience', 'https://api.example', '--org', 'acme')
    expect(oauth).toMatchObject({ aud: ['https://api.example'], org_id: local.organizations.acme.id })
    const template = await printed('template', 'bob', '--claims', '{"role":"reader"}', '--ttl', '5m')
    expect(template).toMatchObject({ sub: local.people.bob.id, role: 'reader' })
    expect(template.exp! - template.iat!).toBe(300)
  })

  test('prefers --url to the environment, and --role to the membership', async () => {
    const local = await start()
    const argv = ['token', 'dave', '--org', 'globex', '--role', 'org:admin', '--url', `${local.url}/`]
    const { out } = await runWith(argv, { CLERK_FAPI: 'http://127.0.0.1:1' })
    expect(decodeJwt(out)).toMatchObject({ iss: local.url, o: { slg: 'globex', rol: 'admin' } })
  })

  test('prints the error of the instance for an unknown person', async () => {
    const { url } = await start()
    expect(await runWith(['token', 'eve', '--url', url])).toEqual({
      code: 1,
      out: '',
      err: 'clerk-auth-local: there is no user "eve", only alice, bob, carol, dave',
    })
  })
})

describe('clerk-auth-local m2m, oauth, api-key', () => {
  test('print tokens with the requested properties', async () => {
    const local = await start()
    const printed = async (...argv: string[]) => {
      const { code, out, err } = await runWith([...argv, '--url', local.url])
      expect([code, err]).toEqual([0, ''])
      return out
    }
    expect(await printed('m2m', 'worker')).toMatch(/^mt_\w{42}$/)
    expect(decodeJwt(await printed('m2m', 'worker', '--to', 'api', '--format', 'jwt', '--ttl', '2h'))).toMatchObject({
      sub: local.machines.worker.id,
      aud: [local.machines.api.id],
    })
    const scopes = ['--scope', 'invoices:read', '--scope', 'invoices:write']
    expect(decodeJwt(await printed('oauth', 'bob', '--client', 'partner', ...scopes))).toMatchObject({
      sub: local.people.bob.id,
      client_id: local.clients.partner.id,
      scope: 'invoices:read invoices:write',
    })
    expect(await printed('oauth', 'bob', '--format', 'opaque')).toMatch(/^oat_\w{42}$/)
    const secret = await printed('api-key', 'acme', ...scopes)
    expect((await call(local, 'POST', '/api_keys/verify', { body: { secret } })).body).toMatchObject({
      subject: local.organizations.acme.id,
      scopes: ['invoices:read', 'invoices:write'],
      expiration: null,
    })
  })

  test('print the error of the instance', async () => {
    const { url } = await start()
    const { err } = await runWith(['m2m', 'worker', '--to', 'billing', '--url', url])
    expect(err).toBe('clerk-auth-local: machine "worker" may not call "billing", only api')
  })
})

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** The command as published, run from dist. */
function spawnCommand(...argv: readonly string[]) {
  const child = spawn(process.execPath, ['bin/clerk-auth-local.js', ...argv], {
    cwd: packageFolder,
    env: { PATH: process.env['PATH'] },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function outcomeOf(child: ReturnType<typeof spawnCommand>, input = ''): Promise<Outcome> {
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number, out, err }
}

function seedFileOf(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'seed.yaml'), content)
  return join(folder, 'seed.yaml')
}

/** Options for a seed with `count` people, machines that call all machines, and clients. */
function seedOf(count: number, nameOf: (i: number) => string): readonly string[] {
  const indexes = Array.from({ length: count }, (_, i) => i)
  const names = indexes.map(nameOf)
  const each = <T>(valueOf: (i: number) => T) => Object.fromEntries(names.map((name, i) => [name, valueOf(i)]))
  const organizations = Object.fromEntries(indexes.slice(0, 20).map((i) => [`o${i}`, { name: 'O' }]))
  const memberships = Object.fromEntries(Object.keys(organizations).map((slug) => [slug, 'org:admin']))
  const seed = {
    organizations,
    people: each((i) => ({ firstName: 'X', email: `${i}@acme.example`, memberships })),
    machines: each(() => ({ scopes: names.slice(0, 100) })),
    clients: each(() => ({ name: 'C' })),
  }
  return ['--seed', seedFileOf(JSON.stringify(seed))]
}

const SEED = `organizations:
  initech: { name: Initech }
roles:
  org:boss: [org:printers:smash]
people:
  o'brien: { firstName: Miles, email: miles@initech.example, memberships: { initech: org:boss } }
machines:
  printer: {}
clients: {}
`

describe.skipIf(!existsSync(`${packageFolder}dist/command.js`))('bin/clerk-auth-local.js', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('starts, and exits with 0 on %s', async (signal) => {
    const child = spawnCommand('--port', '0')
    const [introduction] = (await once(child.stdout, 'data')) as [Buffer]
    expect(introduction.toString()).toContain('A local Clerk instance listens at http://127.0.0.1:')

    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('has the people of a seed file, and prints only commands that work', async () => {
    const child = spawnCommand('--port', '0', '--seed', seedFileOf(SEED))
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    const introduction = chunk.toString()
    const [, url = ''] = /export CLERK_FAPI='(.*)'/.exec(introduction) ?? []
    expect(introduction).toMatch(/^People +o'brien {2}org:boss of initech$/m)
    expect(introduction).not.toContain('alice')
    expect(introduction).not.toContain('OAuth clients')

    const printed = introduction.replaceAll('npx @clerk-auth/local', `'${process.execPath}' bin/clerk-auth-local.js`)
    const [, token = '', curl = ''] = /^Get a token.*:\n(.*)\n(.*\n.*)$/m.exec(printed) ?? []
    const { sub } = decodeJwt(await outputOfShell(token))
    expect(sub).toMatch(/^user_/)
    const whoami = createServer(({ headers }, response) => response.end(headers.authorization)).listen(0, '127.0.0.1')
    onTestFinished(() => void whoami.close())
    await once(whoami, 'listening')
    const { port } = whoami.address() as AddressInfo
    const header = await outputOfShell(curl.replace('http://localhost:3000/', `http://127.0.0.1:${port}/`))
    expect(decodeJwt(header.replace('Bearer ', ''))).toMatchObject({ iss: url, sub })
  })

  test('refuses an invalid seed in one line, with the line number', async () => {
    const path = seedFileOf(SEED.replace('initech: org:boss', 'globex: org:boss'))
    expect(await outcomeOf(spawnCommand('--port', '0', '--seed', path))).toEqual({
      code: 1,
      out: '',
      err: `clerk-auth-local: ${path}:6: "o'brien" is a member of "globex", but the seed only has initech\n`,
    })
  })

  test('prints a token of a running instance, and explains it from standard input', async () => {
    const { url } = await start()
    const printed = await outcomeOf(spawnCommand('token', 'bob', '--ttl', '8h', '--url', url))
    expect(printed.code).toBe(0)
    const explained = await outcomeOf(spawnCommand('explain', '--json', '--url', url), printed.out)
    expect(explained).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(explained.out)).toMatchObject({ kind: 'session_token', verdict: { outcome: 'accepted' } })
    expect(explained.out).not.toContain(printed.out.trim().split('.')[2])
    const refused = await outcomeOf(
      spawnCommand('explain', printed.out.trim(), '--accepts', 'oauth_token', '--url', url),
    )
    expect(refused.out).toContain('refuses it: 401 token-type-mismatch')
  })

  test('refuses to explain empty or oversized input', async () => {
    const url = ['--url', 'http://127.0.0.1:1']
    expect(await outcomeOf(spawnCommand('explain', ...url))).toEqual({
      code: 1,
      out: '',
      err: 'clerk-auth-local: explain takes a token, as an argument or on standard input\n',
    })
    expect((await outcomeOf(spawnCommand('explain', ...url), 'x'.repeat(70_000))).err).toBe(
      'clerk-auth-local: standard input is larger than 64 KiB: it is not a token\n',
    )
  })
})

async function outputOfShell(line: string): Promise<string> {
  return (await promisify(exec)(line, { cwd: packageFolder })).stdout
}
