import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { clerkEndpoints, localEndpoints } from '../src/endpoints.js'
import { createInstance } from '../src/instance/instance.js'
import type { LocalClerk } from '../src/index.js'
import { identityOf } from '../src/instance/identity.js'
import { inputOf, operations } from './backend-api/facts.js'
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

/** Of paths under `/_local`, and of operations that the specification does not have. */
const OTHER_FIELDS =
  'user org header ttlInSeconds subject scopes claims token name set advanceInMs operation url events type data'.split(
    ' ',
  )

async function endpointsOf() {
  const identity = identityOf({ algorithm: 'ES256' }, undefined)
  const instance = await createInstance(identity, {}, undefined, () => 'http://127.0.0.1')
  return [...clerkEndpoints(instance), ...localEndpoints(instance)]
}

function fieldsOf(operation: string | undefined): readonly string[] {
  if (!operations.some(({ id }) => id === operation)) return OTHER_FIELDS
  const { query, body } = inputOf(operation ?? '')
  return [...query, ...(body?.fields ?? [])].map(({ name }) => name)
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
  for (const { method, path, operation } of await endpointsOf())
    for (const [i, value] of [...VALUES, ...BODIES.map(() => undefined)].entries()) {
      let n = i
      const address = path.replaceAll(/\{\w+\}/g, () => ids[n++ % ids.length] ?? '')
      const fields = fieldsOf(operation).map((name) => [name, value] as const)
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
