import { execFileSync, spawn } from 'node:child_process'
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
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalClerk } from '../src/index.js'
import { edit, newFolder, open } from './data-files.js'

/** The data file of an instance that has run and closed. */
async function usedFile(): Promise<string> {
  const path = join(newFolder(), 'instance.db')
  const local = await open(path)
  await local.sessionToken({ user: 'alice' })
  await local.apiKey()
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

  test('that can no longer be written leaves the instance running, is reported in one line, and opens again', async () => {
    const path = join(newFolder(), 'db')
    const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
    const line = `ulimit -f 400; exec "$0" "$1" --port 0 --algorithm ES256 --data "$2"`
    const child = spawn('sh', ['-c', line, process.execPath, command, path])
    const err = text(child.stderr)
    let out = ''
    for await (const chunk of child.stdout) {
      out += String(chunk)
      if (out.includes('Ctrl+C')) break
    }
    const url = /CLERK_FAPI='(.*)'/.exec(out)?.[1] ?? ''
    const body = JSON.stringify({ claims: { text: 'x'.repeat(20_000) } })
    const statuses = new Set<number>()
    for (let i = 0; i < 30; i++) {
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
      statuses.add((await fetch(`${url}/_local/tokens/api-key`, json)).status)
    }
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number]
    expect([...statuses]).toEqual([200])
    expect(code).toBe(0)
    const lines = (await err).trim().split('\n')
    expect(lines[0]).toMatch(
      /the data file .*db cannot be written: it would exceed the allowed file size\. The instance/,
    )
    expect(lines.filter((it) => it.startsWith('    at '))).toEqual([])
    expect((await open(path)).url).toBe(url)
  })

  test('too small for the initial state ends a listening instance with an error of one line', async () => {
    const path = join(newFolder(), 'db')
    const command = fileURLToPath(new URL('../bin/clerk-auth-local.js', import.meta.url))
    const line = `ulimit -f 30; exec "$0" "$1" --port 0 --algorithm ES256 --data "$2"`
    const child = spawn('sh', ['-c', line, process.execPath, command, path])
    onTestFinished(() => void child.kill('SIGKILL'))
    const [out, err] = [text(child.stdout), text(child.stderr)]
    expect(await once(child, 'exit')).toEqual([1, null])
    expect(await out).toBe('')
    expect(await err).toBe(`clerk-auth-local: the data file ${path} cannot be used: the disk is full or failing\n`)
  })
})

describe('a data file that was edited is refused', () => {
  const set = (kind: string, at: string, json: string) =>
    [`UPDATE record SET json = json_set(json, '$.${at}', json(?)) WHERE kind = ?`, [json, kind]] as const

  test.each([
    ['a shell command as secret key', set('instance', 'secretKey', `"sk_test_'; touch /tmp/x; '"`)],
    ['a webhook secret', set('instance', 'webhookSecret', '"whsec_"')],
    ['a shell command as host', set('instance', 'host', '"$(id)"')],
    ['no host', set('instance', 'host', 'null')],
    ['an invalid port', set('instance', 'port', '"80"')],
    ['a shell command as the secret of a machine', set('machine', 'secretKey', '"ak_$(id)"')],
    ['a machine with an invalid previous secret', set('machine', 'previous', '{"secretKey":1}')],
    ['a webhook with a file: URL', set('webhook', 'url', '"file:///etc/passwd"')],
    ['a webhook without events', set('webhook', 'events', '[]')],
    ['a webhook with unknown events', set('webhook', 'events', '["x"]')],
    ['a person with a null email address', set('user', 'emailAddresses', '[null]')],
    ['a person whose metadata is a list', set('user', 'publicMetadata', '[]')],
    ['a session with an unknown status', set('session', 'status', '"odd"')],
    ['a token without a subject', set('api_key', 'subject', 'null')],
    ['an organization with an invalid slug', set('organization', 'slug', '"a b"')],
    ['a record under another id', set('user', 'id', '"__proto__"')],
    [
      'a record that is not an object',
      ["UPDATE record SET json = '[]' WHERE kind = 'ticket' OR kind = ?", ['user']] as const,
    ],
    ['a record that is null', ["UPDATE record SET json = 'null' WHERE kind = ?", ['template']] as const],
    [
      'a record with a duplicate id field',
      [`UPDATE record SET json = rtrim(json, '}') || ',"id":"x"}' WHERE kind = ?`, ['client']] as const,
    ],
  ])('with %s', async (_name, [sql, values]) => {
    const path = await usedFile()
    edit(path, sql, values)
    expect(await refusalOf(path)).toBe(`the data file ${path} cannot be used: ${DAMAGED}`)
  })

  test.each([
    ['a membership in an unknown organization', set('membership', 'organizationId', '"org_x"')],
    ['a membership with an unknown role', set('membership', 'role', '"org:god"')],
    ['a session of an unknown user', set('session', 'userId', '"user_x"')],
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
    ['under an id that is not reserved', async () => set('key', 'id', '"ins_2abc"')],
    ['that does not match its id', async () => set('key', 'privateJwk', JSON.stringify(await jwkOf('ES256')))],
    ['of the wrong type', async () => set('key', 'privateJwk', JSON.stringify(await jwkOf('RS256')))],
    ['for another algorithm', async () => set('key', 'algorithm', '"ES384"')],
    [
      'without its private part',
      async () => ["UPDATE record SET json = json_remove(json, '$.privateJwk.d') WHERE kind = ?", ['key']] as const,
    ],
    ['that is symmetric', async () => set('key', 'privateJwk', '{"kty":"oct","k":"AAAA"}')],
    ['that is not current', async () => set('key', 'isCurrent', 'false')],
    ['missing', async () => ['DELETE FROM record WHERE kind = ?', ['key']] as const],
  ])('with a key %s', async (name, change) => {
    const path = await usedFile()
    const [sql, values] = await change()
    edit(path, sql, values)
    if (name.includes('not reserved')) edit(path, `UPDATE record SET id = '"ins_2abc"' WHERE kind = 'key'`)
    expect(await refusalOf(path)).toBe(
      'the keys in the data file are not those of a local instance: restore a backup, or delete the file to start over',
    )
  })

  test('but not for extreme numbers that callers may set', async () => {
    const path = join(newFolder(), 'db')
    const local = await open(path)
    await local.apiKey({ ttlInSeconds: 1e308 })
    await local.oauthToken({ format: 'opaque', ttlInSeconds: -1e308 })
    await local.close()
    expect((await open(path)).url).toBe(local.url)
  })
})
