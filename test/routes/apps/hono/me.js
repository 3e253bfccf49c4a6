import { getAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { json } from './valid.js'

/** What a reader sees and changes of their own account. Mounted behind a guard. */
export const me = new Hono()
  .get('/', (c) => c.json({ userId: getAuth(c).userId }))
  .patch('/', json('name'), (c) => c.json({}))
  .delete('/', requireAuth({ reverification: 'strict', impersonation: 'deny' }), (c) => c.body(null, 204))
  .get('/bookmarks', (c) => c.json([]))
  .put('/bookmarks/:slug', (c) => c.body(null, 204))
  .delete('/bookmarks/:slug', (c) => c.body(null, 204))
  .on(['GET', 'PUT'], '/settings', (c) => c.json({}))
  .get('/history/:year{[0-9]{4}}/:month?', (c) => c.json([]))
  .get('/of/:userId', requireAuth({ check: (auth, c) => auth.userId === c.req.param('userId') }), (c) => c.json({}))
  .all('/graphql', (c) => c.json({ data: null }))
