import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createClerkClient } from '@clerk/backend'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalClerk } from '../src/index.js'
import { edit, newFolder, open } from './data-files.js'
import { errorBody } from './start.js'

/** The data file of an instance that has run and closed. */
async function usedFile(): Promise<string> {
  const path = join(newFolder(), 'instance.db')
  const local = await open(path)
  await local.sessionToken({ user: 'alice' })
  await local.apiKey()
  await local.oauthToken({ format: 'opaque' })
  local.webhooks.add({ url: 'http://127.0.0.1:9/' })
  await local.close()
  return path
}

async function refusalOf(path: string): Promise<string> {
  const error: unknown = await startLocalClerk({ data: path }).then(
    (local) => local.close(),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(TypeError)
  const { message } = error as TypeError
  expect(message).not.toContain('\n')
  return message
}

/** Starts the command after another one in the same shell, such as a limit. */
function spawnCommand(path: string, before: string): ChildProcessWithoutNullStreams {
  const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
  const line = `${before}; exec "$0" "$1" --port 0 --algorithm ES256 --data "$2"`
  const child = spawn('sh', ['-c', line, process.execPath, command, path])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The same, once it listens. */
async function startCommand(path: string, before: string) {
  const child = spawnCommand(path, before)
  const err = text(child.stderr)
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.includes('Ctrl+C')) break
  }
  const valueOf = (name: string) => new RegExp(`${name}='?([^'\\s]+)`).exec(out)?.[1] ?? ''
  return { child, err, url: valueOf('CLERK_FAPI'), secretKey: valueOf('CLERK_SECRET_KEY') }
}

const DAMAGED = 'it is damaged: restore a backup, or delete it to start over'

describe('next to a data file, foreign files are kept:', () => {
  test.each(['db.lock', 'db.pid', 'db.draft'])('a file %s', async (name) => {
    const folder = newFolder()
    writeFileSync(join(folder, name), 'packages:\n')
    // Old, so that it could be taken for a stale lock.
    utimesSync(join(folder, name), 0, 0)
    expect(await refusalOf(join(folder, 'db'))).toContain(`${name} exists and belongs to something else`)
    expect(readFileSync(join(folder, name), 'utf8')).toBe('packages:\n')
  })

  test.each(['db.lock', 'db.pid', 'db.draft'])('a non-empty folder %s', async (name) => {
    const folder = newFolder()
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'kept'), '')
    utimesSync(join(folder, name), 0, 0)
    expect(await refusalOf(join(folder, 'db'))).toContain(`${name} exists and belongs to something else`)
    expect(existsSync(join(folder, name, 'kept'))).toBe(true)
  })
})

describe('a data file', () => {
  test('cannot be a pipe or a device, which would block forever', async () => {
    const pipe = join(newFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, '/dev/null'])
      expect(await refusalOf(path)).toContain('it is not a regular file: use another path')
  })

  test('is readable by its owner only, even if an empty file existed before', async () => {
    const path = join(newFolder(), 'db')
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    await open(path)
    for (const name of readdirSync(join(path, '..')).filter((it) => it !== 'db.lock'))
      expect([name, statSync(join(path, '..', name)).mode & 0o077]).toEqual([name, 0])
  })

  test('that can no longer be written refuses changes and undoes them, and opens again', async () => {
    const path = join(newFolder(), 'db')
    const { child, url, secretKey, err } = await startCommand(path, 'ulimit -f 400')
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'Initrode', public_metadata: { text: 'x'.repeat(8000) } })
    let created = 0
    let response = await fetch(`${url}/v1/organizations`, { method: 'POST', headers, body })
    for (; response.ok && created < 60; created++)
      response = await fetch(`${url}/v1/organizations`, { method: 'POST', headers, body })
    expect(created).toBeGreaterThan(0)
    expect(response.status).toBe(503)
    expect((await errorBody(response)).errors).toMatchObject([
      {
        code: 'service_unavailable',
        long_message: `the data file ${path} cannot be written: it would exceed the allowed file size`,
      },
    ])
    const { total_count: count } = (await (
      await fetch(`${url}/v1/organizations?query=initrode`, { headers })
    ).json()) as { total_count: number }
    expect(count).toBe(created)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await err).toBe('')

    const after = await open(path)
    expect(after.url).toBe(url)
    expect(Object.values(after.organizations).filter(({ name }) => name === 'Initrode')).toHaveLength(created)
  })

  test.skipIf(process.platform !== 'linux')(
    'that cannot be written is not reset, in no part, and written again once that is possible',
    async () => {
      const path = join(newFolder(), 'db')
      const { child, url } = await startCommand(path, ':')
      const control = async (method: string, at: string, body?: object) => {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${url}/_local/${at}`, {
          method,
          headers,
          ...(body && { body: JSON.stringify(body) }),
        })
        return [response.status, await response.json()] as const
      }
      const limit = (bytes: string) =>
        void execFileSync('prlimit', [`--fsize=${bytes}:unlimited`, '--pid', String(child.pid)])

      await control('POST', 'webhooks', { url: 'http://127.0.0.1:9/' })
      await control('POST', 'clock', { set: 1 })
      await control('POST', 'faults', { operation: 'GetJWKS', status: 503 })
      const state = async () =>
        Promise.all(['webhooks', 'clock', 'faults'].map(async (part) => (await control('GET', part))[1]))
      const before = await state()
      limit('1')
      expect(await control('POST', 'reset', {})).toMatchObject([503, { errors: [{ code: 'service_unavailable' }] }])
      expect(await state()).toEqual(before)
      limit('unlimited')
      expect((await control('POST', 'reset', {}))[0]).toBe(200)
      const after = await state()
      for (const [i, part] of after.entries()) expect(part).not.toEqual(before[i])
      child.kill('SIGINT')
      await once(child, 'exit')
      expect((await open(path)).webhooks.endpoints()).toEqual([])
    },
  )

  test('too small for the initial state ends a listening instance with an error of one line', async () => {
    const path = join(newFolder(), 'db')
    const child = spawnCommand(path, 'ulimit -f 30')
    const [out, err] = [text(child.stdout), text(child.stderr)]
    expect(await once(child, 'exit')).toEqual([1, null])
    expect(await out).toBe('')
    expect(await err).toBe(`clerk-auth-local: the data file ${path} cannot be used: the disk is full or failing\n`)
  })
})

describe('a data file that was edited is refused', () => {
  const set = (kind: string, at: string, json: string) =>
    [`UPDATE record SET json = json_set(json, '$.${at}', json(?)) WHERE kind = ?`, [json, kind]] as const
  const imageOf = (owner_id: string) => {
    const image = { id: 'img_x', owner_id, type: 'image/png', data: '', created_at: 0, updated_at: 0 }
    return [
      `INSERT INTO record (place, kind, id, json) VALUES (9999, 'images', '"img_x"', ?)`,
      [JSON.stringify(image)],
    ] as const
  }

  test.each([
    ['a shell command as secret key', set('instance', 'secretKey', `"sk_test_'; touch /tmp/x; '"`)],
    ['a webhook secret', set('instance', 'webhookSecret', '"whsec_"')],
    ['a shell command as host', set('instance', 'host', '"$(id)"')],
    ['no host', set('instance', 'host', 'null')],
    ['an invalid port', set('instance', 'port', '"80"')],
    ['a shell command as the secret of a machine', set('machines', 'secret_key', '"ak_$(id)"')],
    ['a machine with an invalid previous secret', set('machines', 'previous', '{"secret_key":1}')],
    ['a webhook with a file: URL', set('webhook_endpoints', 'url', '"file:///etc/passwd"')],
    ['a webhook without events', set('webhook_endpoints', 'events', '[]')],
    ['a webhook with unknown events', set('webhook_endpoints', 'events', '["x"]')],
    ['a null email address', set('email_addresses', 'email_address', 'null')],
    ['a user whose metadata is a list', set('users', 'public_metadata', '[]')],
    ['a session with an unknown status', set('sessions', 'status', '"odd"')],
    ['a token without a subject', set('api_keys', 'subject', 'null')],
    ['an organization with an invalid slug', set('organizations', 'slug', '"a b"')],
    ['a record under another id', set('users', 'id', '"__proto__"')],
    ['a record that is not an object', ["UPDATE record SET json = '[]' WHERE kind = ?", ['users']] as const],
    ['a record that is null', ["UPDATE record SET json = 'null' WHERE kind = ?", ['jwt_templates']] as const],
    [
      'a record with a duplicate id field',
      [`UPDATE record SET json = rtrim(json, '}') || ',"id":"x"}' WHERE kind = ?`, ['clients']] as const,
    ],
  ])('with %s', async (_name, [sql, values]) => {
    const path = await usedFile()
    edit(path, sql, values)
    expect(await refusalOf(path)).toBe(`the data file ${path} cannot be used: ${DAMAGED}`)
  })

  test.each([
    ['a membership in an unknown organization', set('memberships', 'organization_id', '"org_x"')],
    ['a membership with an unknown role', set('memberships', 'role', '"org:god"')],
    ['a role with an unknown permission', set('roles', 'permissions[#]', '"org:x:read"')],
    ['a session of an unknown user', set('sessions', 'user_id', '"user_x"')],
    ['a user whose primary email address is unknown', set('users', 'primary_email_address_id', '"idn_x"')],
    ['a machine that may also call an unknown one', set('machines', 'scopes[#]', '"mch_x"')],
    ['a token for an unknown application', set('oauth_tokens', 'client_id', '"client_x"')],
    ['an image of an unknown owner', imageOf('org_x')],
  ])('with %s', async (_name, [sql, values]) => {
    const path = await usedFile()
    edit(path, sql, values)
    expect(await refusalOf(path)).toMatch(/^the data file refers to missing records/)
  })

  test('without an instance', async () => {
    const path = await usedFile()
    edit(path, "DELETE FROM record WHERE kind = 'instance'")
    expect(await refusalOf(path)).toMatch(/^the data file contains no instance/)
  })

  test('with a host beyond loopback, which only an option may set', async () => {
    const path = await usedFile()
    edit(path, ...set('instance', 'host', '"0.0.0.0"'))
    expect(await refusalOf(path)).toContain('host "0.0.0.0" is not loopback')
  })

  test.each([
    ['a view', 'CREATE VIEW odd AS SELECT 1'],
    ['a trigger', 'CREATE TRIGGER odd AFTER INSERT ON record BEGIN DELETE FROM record; END'],
    ['another table', 'CREATE TABLE odd (id TEXT)'],
  ])('with %s', async (_name, sql) => {
    const path = await usedFile()
    edit(path, sql)
    expect(await refusalOf(path)).toContain(DAMAGED)
  })

  const jwkOf = async (algorithm: string) =>
    exportJWK((await generateKeyPair(algorithm, { extractable: true })).privateKey)

  test.each([
    ['under an id that is not reserved', async () => set('signing_keys', 'id', '"ins_2abc"')],
    [
      'that does not match its id',
      async () => set('signing_keys', 'private_jwk', JSON.stringify(await jwkOf('ES256'))),
    ],
    ['of the wrong type', async () => set('signing_keys', 'private_jwk', JSON.stringify(await jwkOf('RS256')))],
    ['for another algorithm', async () => set('signing_keys', 'algorithm', '"ES384"')],
    [
      'without its private part',
      async () =>
        ["UPDATE record SET json = json_remove(json, '$.private_jwk.d') WHERE kind = ?", ['signing_keys']] as const,
    ],
    ['that is symmetric', async () => set('signing_keys', 'private_jwk', '{"kty":"oct","k":"AAAA"}')],
    ['that is not current', async () => set('signing_keys', 'is_current', 'false')],
    ['missing', async () => ['DELETE FROM record WHERE kind = ?', ['signing_keys']] as const],
  ])('with a key %s', async (name, change) => {
    const path = await usedFile()
    const [sql, values] = await change()
    edit(path, sql, values)
    if (name.includes('not reserved')) edit(path, `UPDATE record SET id = '"ins_2abc"' WHERE kind = 'signing_keys'`)
    expect(await refusalOf(path)).toBe(
      'the keys in the data file are not those of a local instance: restore a backup, or delete the file to start over',
    )
  })

  test('but not one that refers to records that were deleted', async () => {
    const path = join(newFolder(), 'db')
    const local = await open(path)
    const clerk = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
    const { alice, bob } = local.people
    const initech = await clerk.organizations.createOrganization({ name: 'Initech', createdBy: bob.id })
    await local.apiKey({ subject: 'bob' })
    await local.oauthToken({ user: 'bob', format: 'opaque' })
    await clerk.users.deleteUser(bob.id)
    await local.sessionToken({ user: 'alice', org: 'acme' })
    await local.sessionToken({ user: 'alice', org: 'initech', role: 'org:admin' })
    for (const { id } of Object.values(local.organizations)) await clerk.organizations.deleteOrganization(id)
    await local.close()
    const after = await open(path)
    expect(after.people.alice.id).toBe(alice.id)
    expect(Object.values(after.organizations).map(({ id }) => id)).not.toContain(initech.id)
  })

  test('but not for extreme numbers that callers may set', async () => {
    const path = join(newFolder(), 'db')
    const local = await open(path)
    await local.apiKey({ ttlInSeconds: 1e308 })
    await local.oauthToken({ format: 'opaque', ttlInSeconds: -1e308 })
    const clerk = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
    const { id, subject } = await clerk.apiKeys.create({ name: 'long', subject: local.people.alice.id })
    await clerk.apiKeys.update({ apiKeyId: id, subject, secondsUntilExpiration: 1e308 })
    await local.close()
    const after = await open(path)
    expect(after.url).toBe(local.url)
    const again = createClerkClient({ secretKey: after.env.CLERK_SECRET_KEY, apiUrl: after.url })
    expect((await again.apiKeys.get(id)).expiration).toBe(8.64e15)
  })
})
