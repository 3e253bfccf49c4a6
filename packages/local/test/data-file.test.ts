import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClerkClient } from '@clerk/backend'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import sqlite from 'node-sqlite3-wasm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import type { LocalClerk, LocalClerkOptions } from '../src/index.js'
import { storedDigests } from '../src/state/record-table.js'
import { newFolder, open, withDatabase } from './data-files.js'
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
    const eve = await clerk.users.createUser({ username: 'evelyn', emailAddress: ['eve@acme.example'] })
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
    expect(Object.keys(after.people)).toEqual(['alice', 'carol', 'dave', 'evelyn'])
    expect(await again.users.getUser(eve.id)).toEqual(user)
    expect(after.people).toMatchObject({ evelyn: { id: eve.id, memberships: { [initech.slug]: 'org:admin' } } })
    expect(after.organizations).toMatchObject({ [initech.slug]: { id: initech.id } })
    expect(await again.sessions.getSession(session.id)).toMatchObject({ userId: eve.id, status: 'active' })
    expect(await again.jwtTemplates.get(template.id)).toMatchObject({ claims: { to: '{{user.username}}' } })
    expect((await again.signInTokens.revokeSignInToken(ticket.id)).status).toBe('revoked')
    expect(await again.machines.getSecretKey(machine.id)).toMatchObject({ secret })
  })

  test('keeps every record, of whatever kind, as it is', async () => {
    const path = newPath()
    const before = await open(path)
    const clerk = clientOf(before)
    const { alice } = before.people
    await clerk.invitations.createInvitation({ emailAddress: 'eve@acme.example', publicMetadata: { plan: 'pro' } })
    await clerk.allowlistIdentifiers.createAllowlistIdentifier({ identifier: '*@acme.example', notify: false })
    await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: '+12025550199' })
    await clerk.waitlistEntries.create({ emailAddress: 'mallory@acme.example' })
    await clerk.emailAddresses.createEmailAddress({ userId: alice.id, emailAddress: 'a@acme.example' })
    await clerk.phoneNumbers.createPhoneNumber({ userId: alice.id, phoneNumber: '+12025550100', verified: true })
    await clerk.users.updateUser(alice.id, { username: 'alice', password: 'correct horse battery' })
    await clerk.users.updateUserProfileImage(alice.id, { file: new Blob([PIXEL], { type: 'image/png' }) })
    await clerk.actorTokens.create({ userId: alice.id, actor: { sub: before.people.bob.id }, expiresInSeconds: 600 })
    await clerk.oauthApplications.create({ name: 'Mobile', redirectUris: ['https://app.example/callback'] })
    const { id: organizationId } = before.organizations.acme
    const invitation = { organizationId, emailAddress: 'eve@acme.example', role: 'org:admin' }
    await clerk.organizations.createOrganizationInvitation(invitation)
    await clerk.redirectUrls.createRedirectUrl({ url: 'https://app.example/after' })
    before.signUp({ phoneNumber: '+12025550101' })
    for (const mint of [before.sessionToken, before.apiKey, before.m2mToken]) await mint()
    await before.oauthToken({ format: 'opaque' })
    before.webhooks.add({ url: 'http://127.0.0.1:9/', events: ['user.*'] })
    const records = await recordsOf(before)
    await before.close()
    const after = await recordsOf(await open(path))
    expect(after).toEqual(records)
    expect(records.filter(({ total }) => total > 0).length).toBeGreaterThan(28)
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

  test('is reset in one transaction', async () => {
    const path = newPath()
    const local = await open(path)
    await local.sessionToken()
    await local.rotateKeys()
    const digests = () => {
      const copy = newPath()
      copyFileSync(path, copy)
      let found
      withDatabase(copy, (database) => void (found = storedDigests(database)))
      return found as ReturnType<typeof storedDigests> | undefined
    }
    const before = digests()?.current
    local.reset()
    expect(digests()).toMatchObject({ previous: before })
    expect(digests()).not.toMatchObject({ current: before })
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

  test.each([
    ['an older version', 2, 'an older version of this package wrote it: use another path, or delete it to start over'],
    ['a newer version', 4, 'a newer version of this package wrote it: update this one, or use another path'],
  ])('a file of %s, and leaves it untouched', async (_name, version, reason) => {
    const path = newPath()
    const local = await open(path)
    await local.close()
    withDatabase(path, (database) => database.exec(`PRAGMA user_version = ${version}`))
    const before = readFileSync(path)
    expect(await refusal(path)).toBe(`the data file ${path} cannot be used: ${reason}`)
    expect(readFileSync(path)).toEqual(before)
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

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** All records of each kind, as they are shown, so without secrets. */
async function recordsOf({ url }: LocalClerk) {
  const get = async <T>(path: string) => (await (await fetch(`${url}/_local/records${path}`)).json()) as T
  const { kinds } = await get<{ kinds: { kind: string }[] }>('')
  type Kind = { readonly kind: string; readonly total: number; readonly records: readonly unknown[] }
  return Promise.all(kinds.map(async ({ kind }) => get<Kind>(`/${kind}?limit=100`)))
}

async function publishedBy({ url }: LocalClerk): Promise<readonly string[]> {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

async function statusOfKey(secret: string, local: LocalClerk): Promise<number> {
  return (await call(local, 'POST', '/api_keys/verify', { body: { secret } })).status
}
