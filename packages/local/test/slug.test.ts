import { describe, expect, test } from 'vitest'
import { start } from './start.js'
import { call } from './tokens.js'

const VALID = ['initech', 'a', '4-you-2', 'a'.repeat(256)]
const INVALID = ['a'.repeat(257), 'My Org', 'Initech', 'my_org', '-initech', 'initéch', 'initech\n', '']

const startWith = (slug: string) => start({ seed: { organizations: { [slug]: { name: 'A' } }, people: {} } })

describe('the slug of an organization', () => {
  test.each(VALID)('may be %j, in a seed and in the Backend API', async (slug) => {
    expect(Object.keys((await startWith(slug)).organizations)).toEqual([slug])
    const local = await start()
    const created = await call(local, 'POST', '/v1/organizations', { body: { name: 'A', slug } })
    expect([created.status, created.body.slug]).toEqual([200, slug])
  })

  test.each(INVALID)('may not be %j, neither in a seed nor in the Backend API', async (slug) => {
    const starting = startWith(slug)
    await expect(starting).rejects.toThrow('must have a slug of lowercase letters, digits and "-", such as "')
    await expect(starting).rejects.toBeInstanceOf(TypeError)
    const local = await start()
    const created = await call(local, 'POST', '/v1/organizations', { body: { name: 'A', slug } })
    const changed = await call(local, 'PATCH', '/v1/organizations/acme', { body: { slug } })
    expect([created.status, changed.status, local.organizations.acme.slug]).toEqual([422, 422, 'acme'])
  })

  test('derived from a name is valid, also for a second organization of that name', async () => {
    const local = await start()
    for (const name of ['Initech & Co.', 'é', '-', 'a'.repeat(256)])
      for (const nth of [1, 2]) {
        const { body } = await call(local, 'POST', '/v1/organizations', { body: { name } })
        const again = await call(local, 'PATCH', `/v1/organizations/${body.id}`, { body: { slug: body.slug } })
        expect([nth, again.status]).toEqual([nth, 200])
      }
  })
})
