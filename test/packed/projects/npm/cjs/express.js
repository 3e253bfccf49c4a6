const { clerkAuth, getAuth, requireAuth } = require('@clerk-auth/express')
const express = require('express')
const { served } = require('../ask.cjs')

exports.serve = function serve() {
  const app = express()
  app.use(clerkAuth())
  app.get('/admin', requireAuth({ role: 'org:admin' }), (req, res) => res.json({ userId: getAuth(req).userId }))
  return served(app.listen(0, '127.0.0.1'))
}
