import { readFileSync } from 'node:fs'
import { startLocalClerk } from '@clerk-auth/local'
import { ask } from '../ask.cjs'
import { serve } from '../esm/express.js'

const entryPoints = JSON.parse(readFileSync(new URL('../entry-points.json', import.meta.url), 'utf8'))

test('a guarded route accepts an admin, and refuses a request without credentials and a member', async () => {
  expect(await ask(startLocalClerk, serve)).toEqual([200, 401, 403])
})

test.each(entryPoints)('%s can be imported', async (specifier) => {
  expect(Object.keys(await import(specifier))).not.toEqual([])
})
