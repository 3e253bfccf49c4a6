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
import { run } from '../src/command.js'
import type { LocalClerk, LocalClerkOptions } from '../src/index.js'
import { openDataFile } from '../src/state/data-file.js'
import { createRecords } from '../src/state/records.js'
import { newFolder, open } from './data-files.js'
import { call } from './tokens.js'

const newPath = () => join(newFolder(), 'instance.db')

function clientOf({ env }: LocalClerk) {
  return createClerkClient({ secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL })
}

/** As an API does: by the key set that is published. */
async function subjectOf(token: string, { url }: LocalClerk): Promise<string | undefined> {
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`)), {
    issuer: url,
  })
  return payload.sub
}

describe('a data file', () => {
  test('keeps keys, variables, address and tokens, so that an API goes on as if nothing had happened', async () => {
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

  test('keeps a template with a key of its own, whose tokens go on being signed by it', async () => {
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

  test('keeps which keys are published, which one signs, and which one the instance began with', async () => {
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

  test('keeps what was revoked revoked, and a reset reset', async () => {
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

  test('gives an API the secret key that its machine has now, and does without a machine that is no more', async () => {
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

  test('goes on with the session that a person has, though it was revoked before the restart', async () => {
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

  test('does not keep what is minted after the instance was closed', async () => {
    const path = newPath()
    const before = await open(path)
    await before.close()
    const key = await before.apiKey()
    expect(await statusOfKey(key, await open(path))).toBe(404)
  })

  test('does not keep the clock, faults and counts', async () => {
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

  test('survives that the process is killed, and can be opened right after', async () => {
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
    mkdirSync(`${path}.lock`, { recursive: true }) // as when it was killed while it wrote

    const after = await open(path)
    expect(after.url).toBe(url)
    expect(await statusOfKey(token, after)).toBe(200)
  })

  test('has all of what changes together, or nothing', async () => {
    const path = newPath()
    const file = await openDataFile(path)
    const client = (id: string, updatedAt: number) => ({ id, rotatingToken: '', createdAt: 0, updatedAt })
    const records = createRecords([client('a', 0), client('b', 0)])
    file.keep('client', records)
    await nextTurn()

    records.set(client('a', 1))
    const halfway = copyOf(path, 'halfway.db') // what a process leaves that is killed here
    records.set(client('b', 1))
    await nextTurn()
    file.close()
    expect(await valuesIn(halfway)).toEqual([0, 0])
    expect(await valuesIn(path)).toEqual([1, 1])
  })

  test('is nobody else’s to read, for keys are in it', async () => {
    const path = newPath()
    await open(path)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('is left as it was by an instance that could not start', async () => {
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

  test('another instance while one works on it, of this process or of another', async () => {
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
    writeFileSync(`${path}.pid`, String(process.pid)) // of a container before this one, where everything has this id
    await open(path)
  })

  test.skipIf(!existsSync('/proc/self/stat'))(
    'nobody for a process that was killed and whose end nobody has asked about',
    async () => {
      const path = newPath()
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'])
      onTestFinished(() => void parent.kill())
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
      await vi.waitUntil(() => readFileSync(`/proc/${String(pid).trim()}/stat`, 'utf8').includes(') Z '))
      writeFileSync(`${path}.pid`, String(pid).trim())
      expect((await open(path)).people).toHaveProperty('alice')
    },
  )

  test.each([
    ['another seed', { seed: { organizations: {}, people: {} } }, 'with another seed'],
    ['another algorithm', { algorithm: 'EdDSA' }, 'with ES256'],
    ['another host', { host: 'localhost' }, 'on host 127.0.0.1'],
  ] as const)('%s than it was begun with', async (_what, options, words) => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    expect(await refusal(path, options)).toBe(
      `the data file was created ${words}: start it the same way, or delete the file to start over`,
    )
    await open(path) // which it did not harm, nor does it hold it
  })

  test('another port than it was begun on, as its tokens name it', async () => {
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

  test('what is no data file, and leaves it untouched', async () => {
    const path = newPath()
    const text = 'People: alice, bob\n'.repeat(100)
    writeFileSync(path, text)
    expect(await refusal(path)).toBe(
      `the data file ${path} cannot be used: it is not an SQLite database: use another path`,
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('a database of something else, and leaves it untouched', async () => {
    const path = newPath()
    const database = new sqlite.Database(path)
    database.exec('CREATE TABLE customer (id TEXT)')
    database.close()
    const before = readFileSync(path)
    expect(await refusal(path)).toContain('it is a database of another application: use another path')
    expect(readFileSync(path)).toEqual(before)
  })

  test('what another version of it wrote, and what is damaged', async () => {
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

  test('what is damaged where it is only read when something is written', async () => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    const [database, pageSize] = [readFileSync(path), 4096]
    database.fill(0xff, 2 * pageSize, 3 * pageSize) // the root of the index
    writeFileSync(path, database)
    expect(await refusal(path)).toContain('it is damaged: restore a backup, or delete it to start over')
  })

  test('a path that is a folder, or is in none', async () => {
    const path = newPath()
    expect(await refusal(join(path, 'no', 'such.db'))).toContain('no such directory')
    mkdirSync(path)
    expect(await refusal(path)).toContain('it is a directory')
  })
})

describe('clerk-auth-local --data', () => {
  test('says in one line what is wrong with the file, and ends with 1', async () => {
    const path = newPath()
    writeFileSync(path, 'not a database, but a text that is long enough to be one'.repeat(20))
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
