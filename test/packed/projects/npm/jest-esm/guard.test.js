import { startLocalClerk } from '@clerk-auth/local'
import { ask } from '../ask.cjs'
import { serve } from '../esm/express.js'

test('a guarded route accepts an admin, and refuses a request without credentials and a member', async () => {
  expect(await ask(startLocalClerk, serve)).toEqual([200, 401, 403])
})
