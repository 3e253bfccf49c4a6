// An application with a middleware that never continues.
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

export default express()
  .use(clerkAuth())
  .get(
    '/slow',
    (_req, _res, _next) => {},
    requireAuth(),
    (_req, res) => void res.json({}),
  )
