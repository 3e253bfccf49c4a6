import { isPublic, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { json, page } from './valid.js'

const author = requireAuth({ permission: 'org:invoices:create' })

/** Anybody reads articles. */
export const articles = new Hono()
  .get('/', isPublic(), page, (c) => c.json(c.req.valid('query')))
  .get('/feed.xml', isPublic(), (c) => c.text('<feed/>'))
  .get('/:slug', isPublic(), (c) => c.json({ slug: c.req.param('slug') }))
  .get('/:slug/comments/:page?', isPublic(), (c) => c.json([]))
  .post('/', author, json('title'), (c) => c.json(c.req.valid('json'), 201))
  .put('/:slug', author, json('title'), (c) => c.json({}))
  .delete('/:slug', requireAuth({ role: 'org:admin' }), (c) => c.body(null, 204))
  .post('/:slug/comments', requireAuth(), json('text'), (c) => c.json({}, 201))
  .delete('/:slug/comments/:id{[0-9]+}', requireAuth(), (c) => c.body(null, 204))
  .get('/:slug/drafts', author, (c) => c.json([]))
