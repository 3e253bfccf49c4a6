import { requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'

/** An application of its own, with its own error handler. */
export const admin = new Hono()
admin.onError((error, c) => ('getResponse' in error ? error.getResponse() : c.json({ title: 'admin' }, 500)))
admin.use('*', requireAuth({ role: 'org:admin' }))

admin.get('/', (c) => c.json({}))
admin.get('/users', (c) => c.json([]))
admin.get('/users/:userId', (c) => c.json({}))
admin.delete('/users/:userId', requireAuth({ reverification: 'strict' }), (c) => c.body(null, 204))
admin.post('/payouts', requireAuth({ fresh: true }), (c) => c.json({}, 202))

const flags = new Hono().get('/', (c) => c.json({})).put('/:name', (c) => c.body(null, 204))
admin.route('/flags', flags)
admin.route('/features', flags)
