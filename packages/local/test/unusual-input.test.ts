import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { clerkEndpoints, localEndpoints } from '../src/endpoints.js'
import { createInstance } from '../src/instance/instance.js'
import type { LocalClerk } from '../src/index.js'
import { createMint } from '../src/instance/mint.js'
import { identityOf } from '../src/state/identity.js'
import { start } from './start.js'

/** Values that careless code mishandles. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  Number.MIN_VALUE,
  '',
  'a',
  '\ud800',
  '\u0000\u001b[31m',
  '__proto__',
  'constructor',
  'x'.repeat(5000),
  '../..%2f',
  [],
  {},
  [null],
  [['a']],
  ['__proto__', '__proto__'],
  JSON.parse('{"__proto__":{"sub":"x"},"constructor":{"prototype":null},"toString":1,"toJSON":1,"length":1e9}'),
  { a: '{{user.__proto__}} {{', b: "{{'x'||user.public_metadata}}" },
]

/** Invalid, extreme or deeply nested bodies. */
const BODIES = [
  '',
  'null',
  '"x"',
  '[]',
  '{',
  '{"a":1e999,"name":1e999,"lifetime":1e999}',
  '{"name":"aaa","name":null}',
  '['.repeat(60_000),
  '{"claims":'.repeat(6000),
  'x'.repeat(70_000),
]

const FIELDS = ['name', 'user_id', 'email_address', 'username', 'claims', 'subject', 'actor', 'slug', 'token', 'scopes']
const MORE_FIELDS = ['user', 'org', 'header', 'ttlInSeconds', 'expires_in_seconds', 'created_at', 'public_metadata']
const CONTROL_FIELDS = [
  'set',
  'advanceInMs',
  'operation',
  'url',
  'events',
  'type',
  'data',
  'lifetime',
  'role',
  'secret',
]

async function endpointsOf() {
  const identity = identityOf({ algorithm: 'ES256' }, undefined)
  const instance = await createInstance(identity, {}, undefined)
  const mint = createMint(instance, () => 'http://127.0.0.1')
  const unused = () => ({}) as never
  return [...clerkEndpoints(instance, mint, unused), ...localEndpoints(instance, mint, unused)]
}

/** With `request`, as `fetch` would normalise the path. */
async function statusOf(local: LocalClerk, method: string, path: string, body: string | undefined): Promise<number> {
  const headers = { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' }
  const sent = request(local.url + path, { method, headers })
  sent.end(body)
  const [response] = await once(sent, 'response')
  await text(response)
  return response.statusCode
}

test('no operation fails with a server error on unusual input', { timeout: 60_000 }, async () => {
  const local = await start()
  const ids = [local.people.alice.id, local.organizations.acme.id, local.machines.worker.id, '__proto__', '%ff', '..']
  const failures: string[] = []
  for (const { method, path } of await endpointsOf())
    for (const [i, value] of [...VALUES, ...BODIES.map(() => undefined)].entries()) {
      let n = i
      const address = path.replaceAll(/:\w+/g, () => ids[n++ % ids.length] ?? '')
      const fields = [...FIELDS, ...MORE_FIELDS, ...CONTROL_FIELDS].map((name) => [name, value] as const)
      const one = fields[i % fields.length] ?? ['name', value]
      const query = new URLSearchParams(fields.map(([name, it]) => [name, JSON.stringify(it ?? null).slice(0, 100)]))
      const bodies =
        i < VALUES.length
          ? [fields, [one], fields.slice(0, 2)].map((it) => JSON.stringify(Object.fromEntries(it)))
          : [BODIES[i - VALUES.length]]
      for (const body of method === 'GET' ? [undefined] : bodies) {
        const status = await statusOf(local, method, `${address}?${i % 2 ? query.toString() : ''}`, body)
        if (status >= 500) failures.push(`${method} ${path} ${status} ${body?.slice(0, 200)}`)
      }
    }
  expect(failures).toEqual([])
})
