const { startLocalClerk } = require('@clerk-auth/local')
const { ask } = require('../ask.cjs')
const { serve } = require('../cjs/express.js')

test('a guarded route accepts an admin, and refuses a member and a request without credentials', async () => {
  expect(await ask(startLocalClerk, serve)).toEqual([200, 401, 403])
})

test.each(require('../entry-points.json'))('%s can be required', (specifier) => {
  expect(Object.keys(require(specifier))).not.toEqual([])
})
