import * as official from '@clerk/express'
import * as ours from '@clerk-auth/express'
import express from 'express'
import { auth as oauth2 } from 'express-oauth2-jwt-bearer'
import { JWT_KEY, OFFICIAL, OURS, OURS_NEW, USER_ID } from './frameworks-settings.js'
import { listen } from './servers.js'
import { ISSUER } from './token-parts.js'

/** @param {string} guard */
export async function start(guard) {
  const app = express()
  GUARDS[guard]?.(app)
  return listen(app)
}

/** @type {Record<string, (app: express.Express) => unknown>} */
const GUARDS = {
  'no guard': (app) => app.get('/', (_req, res) => res.json({ userId: USER_ID })),
  'clerk-auth': (app) => mountOurs(app, OURS),
  'clerk-auth, every token new': (app) => mountOurs(app, OURS_NEW),
  '@clerk/express': (app) => {
    app.use(official.clerkMiddleware(OFFICIAL))
    app.get('/', (req, res) => {
      const { userId } = official.getAuth(req)
      if (userId) res.json({ userId })
      else res.sendStatus(401)
    })
  },
  'express-oauth2-jwt-bearer': (app) => {
    const key = { issuer: ISSUER, publicKey: JWT_KEY, tokenSigningAlg: 'RS256' }
    // It requires an audience, which session tokens do not have.
    app.use(oauth2({ ...key, audience: 'none', validators: { aud: false } }))
    app.get('/', (req, res) => res.json({ userId: req.auth?.payload.sub }))
    app.use(answerRefusal)
  },
}

/**
 * @param {express.Express} app
 * @param {ours.ClerkAuthOptions} options
 */
function mountOurs(app, options) {
  app.use(ours.clerkAuth(options))
  app.get('/', ours.requireAuth(), (req, res) => res.json({ userId: ours.getAuth(req).userId }))
}

/**
 * Responds as Express does, but does not log the error.
 *
 * @param {{ status?: number }} error
 * @param {express.Request} _req
 * @param {express.Response} res
 * @param {express.NextFunction} next
 */
function answerRefusal(error, _req, res, next) {
  if (error.status === 401) res.sendStatus(401)
  else next(error)
}
