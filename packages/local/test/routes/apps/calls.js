// An application whose handler is in a mounted function, and says that it ran.
import { writeFileSync } from 'node:fs'
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

export default express()
  .use(clerkAuth())
  .get('/me', requireAuth(), (_req, res) => {
    writeFileSync(process.env['CALLED_FILE'] ?? '', 'called')
    res.json({ ok: true })
  })
