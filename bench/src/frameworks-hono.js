import { createPublicKey } from 'node:crypto'
import * as official from '@clerk/hono'
import * as ours from '@clerk-auth/hono'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { JWT_KEY, OFFICIAL, OURS, OURS_NEW, USER_ID } from './frameworks-settings.js'
import { listen } from './servers.js'
import { headerOf, ISSUER } from './token-parts.js'

/** @param {string} guard */
export async function start(guard) {
  const app = new Hono()
  GUARDS[guard]?.(app)
  return listen(createAdaptorServer(app))
}

/** @type {Record<string, (app: Hono) => unknown>} */
const GUARDS = {
  'no guard': (app) => app.get('/', (c) => c.json({ userId: USER_ID })),
  'clerk-auth': (app) => mountOurs(app, OURS),
  'clerk-auth, every token new': (app) => mountOurs(app, OURS_NEW),
  '@clerk/hono': (app) => {
    app.use(official.clerkMiddleware(OFFICIAL))
    app.get('/', (c) => {
      const { userId } = official.getAuth(c)
      return userId ? c.json({ userId }) : c.body(null, 401)
    })
  },
  'hono/jwk': (app) => {
    const key = { ...createPublicKey(JWT_KEY).export({ format: 'jwk' }), ...headerOf('RS256') }
    app.use(jwk({ keys: [key], alg: ['RS256'], verification: { iss: ISSUER } }))
    app.get('/', (c) => c.json({ userId: c.get('jwtPayload').sub }))
  },
}

/**
 * @param {Hono} app
 * @param {ours.ClerkAuthOptions} options
 */
function mountOurs(app, options) {
  app.use(ours.clerkAuth(options))
  app.get('/', ours.requireAuth(), (c) => c.json({ userId: ours.getAuth(c).userId }))
}
