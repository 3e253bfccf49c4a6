const { startLocalClerk } = require('@clerk-auth/local')
const { ask } = require('../ask.cjs')
const { serve } = require('../cjs/express.js')

test('a guarded route knows an admin from nobody and from a member', async () => {
  expect(await ask(startLocalClerk, serve)).toEqual([200, 401, 403])
})
