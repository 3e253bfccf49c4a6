import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClerkClient } from '@clerk/backend'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import sqlite from 'node-sqlite3-wasm'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { run } from '../src/command-line/command.js'
import type { LocalClerk, LocalClerkOptions } from '../src/index.js'
import { openDataFile } from '../src/state/data-file.js'
import { createRecords } from '../src/state/records.js'
import { newFolder, open } from './data-files.js'
import { call } from './tokens.js'

const newPath = () => join(newFolder(), 'instance.db')

function clientOf({ env }: LocalClerk) {
  return createClerkClient({ secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL })
}

/** Verifies a token as an API does, with the published key set. */
async function subjectOf(token: string, { url }: LocalClerk): Promise<string | undefined> {
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`)), {
    issuer: url,
  })
  return payload.sub
}

describe('a data file', () => {
  test('keeps keys, environment variables, address and tokens, so that an API keeps working across a restart', async () => {
    const path = newPath()
    const before = await open(path)
    const [session, oauth, m2m, key] = await Promise.all([
      before.sessionToken(),
      before.oauthToken({ format: 'opaque' }),
      before.m2mToken(),
      before.apiKey(),
    ])
    await before.close()

    const after = await open(path)
    expect(after.env).toEqual(before.env)
    expect(after.jwtKey).toBe(before.jwtKey)
    expect(await subjectOf(session, after)).toBe(before.people.alice.id)
    const clerk = clientOf(after)
    expect(await clerk.idPOAuthAccessToken.verify(oauth)).toMatchObject({ subject: before.people.alice.id })
    expect(await clerk.m2m.verify({ token: m2m })).toMatchObject({ subject: before.machines.worker.id })
    expect(await clerk.apiKeys.verify(key)).toMatchObject({ subject: before.people.alice.id })
  })

  test('keeps users, organizations, memberships, sessions, templates, tickets and machines, with their ids', async () => {
    const path = newPath()
    const before = await open(path)
    const clerk = clientOf(before)
    const eve = await clerk.users.createUser({ username: 'eve', emailAddress: ['eve@acme.example'] })
    const initech = await clerk.organizations.createOrganization({ name: 'Initech', createdBy: eve.id })
    await clerk.users.deleteUser(before.people.bob.id)
    const session = await clerk.sessions.createSession({ userId: eve.id })
    const template = await clerk.jwtTemplates.create({ name: 'mail', claims: { to: '{{user.username}}' } })
    const ticket = await clerk.signInTokens.createSignInToken({ userId: eve.id, expiresInSeconds: 600 })
    const machine = await clerk.machines.create({ name: 'cron' })
    const { secret } = await clerk.machines.getSecretKey(machine.id)
    const user = await clerk.users.getUser(eve.id)
    await before.close()

    const after = await open(path)
    const again = clientOf(after)
    expect(Object.keys(after.people)).toEqual(['alice', 'carol', 'dave', 'eve'])
    expect(await again.users.getUser(eve.id)).toEqual(user)
    expect(after.people).toMatchObject({ eve: { id: eve.id, memberships: { [initech.slug]: 'org:admin' } } })
    expect(after.organizations).toMatchObject({ [initech.slug]: { id: initech.id } })
    expect(await again.sessions.getSession(session.id)).toMatchObject({ userId: eve.id, status: 'active' })
    expect(await again.jwtTemplates.get(template.id)).toMatchObject({ claims: { to: '{{user.username}}' } })
    expect((await again.signInTokens.revokeSignInToken(ticket.id)).status).toBe('revoked')
    expect(await again.machines.getSecretKey(machine.id)).toMatchObject({ secret })
  })

  test('keeps the custom signing key of a template', async () => {
    const path = newPath()
    const before = await open(path)
    await clientOf(before).jwtTemplates.create({
      name: 'hasura',
      claims: {},
      customSigningKey: true,
      signingAlgorithm: 'HS256',
      signingKey: 'a-secret-that-is-long-enough-for-it',
    })
    await before.close()
    const after = await open(path)
    const token = await after.templateToken({ template: 'hasura' })
    const { payload } = await jwtVerify(token, Buffer.from('a-secret-that-is-long-enough-for-it'))
    expect(payload.sub).toBe(after.people.alice.id)
  })

  test('keeps the published, current and initial keys', async () => {
    const path = newPath()
    const before = await open(path)
    const first = before.kid
    const { kid: second } = await before.rotateKeys()
    before.removeKey(second)
    const { kid: third } = await before.rotateKeys()
    await before.close()

    const after = await open(path)
    expect(after.kid).toBe(third)
    expect(await publishedBy(after)).toEqual([first, third])
    after.reset()
    expect(after.kid).toBe(first)
    await after.close()
    expect(await publishedBy(await open(path))).toEqual([first])
  })

  test('keeps revocations and resets', async () => {
    const path = newPath()
    const before = await open(path)
    const [revoked, forgotten] = [await before.apiKey(), await before.apiKey()]
    await before.revoke(revoked)
    await before.close()

    const after = await open(path)
    expect(await statusOfKey(revoked, after)).toBe(404)
    expect(await statusOfKey(forgotten, after)).toBe(200)
    await clientOf(after).users.deleteUser(after.people.alice.id)
    after.reset()
    await after.close()

    const last = await open(path)
    expect(await statusOfKey(forgotten, last)).toBe(404)
    expect(last.people.alice.id).toBe(before.people.alice.id)
    expect(last.env).toEqual(before.env)
  })

  test('uses the current secret key of the machine in env, and works without machines', async () => {
    const path = newPath()
    const before = await open(path)
    const { id } = before.machines.api
    await clientOf(before).machines.rotateSecretKey({ machineId: id, previousTokenTtl: 0 })
    const { secretKey } = before.machines.api
    await before.close()

    const after = await open(path)
    expect(after.env).toMatchObject({ CLERK_MACHINE_ID: id, CLERK_MACHINE_SECRET_KEY: secretKey })
    expect(secretKey).not.toBe(before.env.CLERK_MACHINE_SECRET_KEY)
    for (const machine of Object.values(after.machines)) await clientOf(after).machines.delete(machine.id)
    await after.close()
    expect((await open(path)).machines).toEqual({})
  })

  test('continues the current session of a person, not one revoked before the restart', async () => {
    const path = newPath()
    const before = await open(path)
    const sid = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sid as string
    const first = sid(await before.sessionToken())
    await clientOf(before).sessions.revokeSession(first)
    const second = sid(await before.sessionToken())
    await before.close()
    const after = await open(path)
    expect(sid(await after.sessionToken())).toBe(second)
    expect(second).not.toBe(first)
  })

  test('does not keep tokens minted after close()', async () => {
    const path = newPath()
    const before = await open(path)
    await before.close()
    const key = await before.apiKey()
    expect(await statusOfKey(key, await open(path))).toBe(404)
  })

  test('does not keep the clock, faults or call counts', async () => {
    const path = newPath()
    const before = await open(path)
    before.clock.set(0)
    before.fault('GetJWKS', { status: 503 })
    await before.close()
    const after = await open(path)
    expect(after.clock.now()).toBeGreaterThan(0)
    expect((await fetch(`${after.url}/.well-known/jwks.json`)).status).toBe(200)
    expect(after.calls('GetJWKS')).toBe(1)
  })

  test('survives a killed process, and can be opened immediately after', async () => {
    const path = newPath()
    const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
    const child = spawn(process.execPath, [command, '--port', '0', '--algorithm', 'ES256', '--data', path])
    let out = ''
    for await (const chunk of child.stdout) {
      out += String(chunk)
      if (out.includes('Ctrl+C')) break
    }
    const url = /CLERK_FAPI='(.*)'/.exec(out)?.[1] ?? ''
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    const { token } = (await (await fetch(`${url}/_local/tokens/api-key`, json)).json()) as { token: string }
    child.kill('SIGKILL')
    await once(child, 'exit')
    mkdirSync(`${path}.lock`, { recursive: true }) // as left by a process killed during a write

    const after = await open(path)
    expect(after.url).toBe(url)
    expect(await statusOfKey(token, after)).toBe(200)
  })

  test('writes changes made together in one transaction', async () => {
    const path = newPath()
    const file = await openDataFile(path)
    const client = (id: string, updatedAt: number) => ({ id, rotatingToken: '', createdAt: 0, updatedAt })
    const records = createRecords([client('a', 0), client('b', 0)])
    file.keep('client', records)
    await nextTurn()

    records.set(client('a', 1))
    const halfway = copyOf(path, 'halfway.db') // the state that a process killed here would leave
    records.set(client('b', 1))
    await nextTurn()
    file.close()
    expect(await valuesIn(halfway)).toEqual([0, 0])
    expect(await valuesIn(path)).toEqual([1, 1])
  })

  test('is readable by its owner only', async () => {
    const path = newPath()
    await open(path)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('is unchanged after an instance failed to start', async () => {
    const [path, other] = [newPath(), createServer()]
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    await expect(open(path, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(existsSync(`${path}.pid`)).toBe(false)
    expect((await open(path)).url).not.toContain(String(port))
  })
})

describe('a data file refuses', () => {
  const refusal = async (path: string, options?: LocalClerkOptions) => {
    const error: unknown = await open(path, options).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(TypeError)
    return (error as TypeError).message
  }

  test('a second instance while one is running, in this process or another', async () => {
    const path = newPath()
    const local = await open(path)
    const inUse = `the data file ${path} cannot be used: process ${process.pid} is using it: stop that process, or delete ${path}.pid`
    expect(await refusal(path)).toBe(inUse)
    await local.close()
    const sleeper = spawn('sleep', ['60'])
    onTestFinished(() => void sleeper.kill())
    writeFileSync(`${path}.pid`, String(sleeper.pid))
    expect(await refusal(path)).toContain(`process ${sleeper.pid} is using it`)
    sleeper.kill()
    await once(sleeper, 'exit')
    const again = await open(path)
    await again.close()
    writeFileSync(`${path}.pid`, String(process.pid)) // left by an earlier container, where processes get the same ids
    await open(path)
  })

  test.skipIf(!existsSync('/proc/self/stat'))('no instance because of a zombie process', async () => {
    const path = newPath()
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'])
    onTestFinished(() => void parent.kill())
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
    await vi.waitUntil(() => readFileSync(`/proc/${String(pid).trim()}/stat`, 'utf8').includes(') Z '))
    writeFileSync(`${path}.pid`, String(pid).trim())
    expect((await open(path)).people).toHaveProperty('alice')
  })

  test.each([
    ['another seed', { seed: { organizations: {}, people: {} } }, 'with another seed'],
    ['another algorithm', { algorithm: 'EdDSA' }, 'with ES256'],
    ['another host', { host: 'localhost' }, 'on host 127.0.0.1'],
  ] as const)('%s than it was created with', async (_name, options, reason) => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    expect(await refusal(path, options)).toBe(
      `the data file was created ${reason}: start it the same way, or delete the file to start over`,
    )
    await open(path) // the refusal neither changed nor locked it
  })

  test('another port than it was created on, as its tokens contain the port', async () => {
    const path = newPath()
    const before = await open(path)
    await before.close()
    const { port } = new URL(before.url)
    expect(await refusal(path, { port: Number(port) === 65535 ? 65534 : Number(port) + 1 })).toContain(
      `created on port ${port}`,
    )
    const same = await open(path, { port: Number(port) })
    expect(same.url).toBe(before.url)
    await same.close()
    expect((await open(path, { port: 0 })).url).toBe(before.url)
  })

  test('a file that is not a data file, and leaves it untouched', async () => {
    const path = newPath()
    const content = 'People: alice, bob\n'.repeat(100)
    writeFileSync(path, content)
    expect(await refusal(path)).toBe(
      `the data file ${path} cannot be used: it is not an SQLite database: use another path`,
    )
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  test('the database of another application, and leaves it untouched', async () => {
    const path = newPath()
    const database = new sqlite.Database(path)
    database.exec('CREATE TABLE customer (id TEXT)')
    database.close()
    const before = readFileSync(path)
    expect(await refusal(path)).toContain('it is a database of another application: use another path')
    expect(readFileSync(path)).toEqual(before)
  })

  test('a file of another version, and a damaged file', async () => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    edit(path, 'PRAGMA user_version = 2')
    expect(await refusal(path)).toContain('it was written by another version: use another file')
    edit(path, `PRAGMA user_version = 1; UPDATE record SET json = '{' WHERE kind = 'user'`)
    expect(await refusal(path)).toContain('it is damaged: restore a backup, or delete it to start over')
    writeFileSync(path, readFileSync(path).subarray(0, 6000))
    expect(await refusal(path)).toContain('it is damaged: restore a backup, or delete it to start over')
  })

  test('a file that is damaged in pages read only by writes', async () => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    const [database, pageSize] = [readFileSync(path), 4096]
    database.fill(0xff, 2 * pageSize, 3 * pageSize) // the root of the index
    writeFileSync(path, database)
    expect(await refusal(path)).toContain('it is damaged: restore a backup, or delete it to start over')
  })

  test('a folder, and a path in a missing folder', async () => {
    const path = newPath()
    expect(await refusal(join(path, 'no', 'such.db'))).toContain('no such directory')
    mkdirSync(path)
    expect(await refusal(path)).toContain('it is a directory')
  })
})

describe('clerk-auth-local --data', () => {
  test('reports an invalid file in one line, and exits with 1', async () => {
    const path = newPath()
    writeFileSync(path, 'not a database, but long enough to be one'.repeat(20))
    const err: string[] = []
    const io = { out: () => {}, err: (line: string) => void err.push(line), env: {}, isTerminal: false }
    const code = await run(['--port', '0', '--data', path], {
      ...io,
      input: async () => undefined,
      stopped: () => Promise.resolve(),
    })
    expect(code).toBe(1)
    expect(err).toEqual([
      `clerk-auth-local: the data file ${path} cannot be used: it is not an SQLite database: use another path`,
    ])
  })
})

function copyOf(path: string, name: string): string {
  const copy = join(dirname(path), name)
  copyFileSync(path, copy)
  copyFileSync(`${path}-wal`, `${copy}-wal`)
  return copy
}

async function valuesIn(path: string): Promise<unknown> {
  const file = await openDataFile(path)
  onTestFinished(file.close)
  return file.rows('client')?.map((record) => (record as { updatedAt: number }).updatedAt)
}

function edit(path: string, sql: string): void {
  const database = new sqlite.Database(path)
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec(sql)
  database.close()
}

async function publishedBy({ url }: LocalClerk): Promise<readonly string[]> {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

async function statusOfKey(secret: string, local: LocalClerk): Promise<number> {
  return (await call(local, 'POST', '/api_keys/verify', { body: { secret } })).status
}
