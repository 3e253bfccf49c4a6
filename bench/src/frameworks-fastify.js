import * as official from '@clerk/fastify'
import * as ours from '@clerk-auth/fastify'
import fastifyJwt from '@fastify/jwt'
import fastify from 'fastify'
import { JWT_KEY, OFFICIAL, OURS, OURS_NEW, USER_ID } from './frameworks-settings.js'
import { ISSUER } from './token-parts.js'

/** @param {string} guard */
export async function start(guard) {
  const app = fastify()
  await GUARDS[guard]?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address()
}

/** @type {Record<string, (app: fastify.FastifyInstance) => Promise<unknown>>} */
const GUARDS = {
  'no guard': async (app) => app.get('/', async () => ({ userId: USER_ID })),
  'clerk-auth': (app) => mountOurs(app, OURS),
  'clerk-auth, every token new': (app) => mountOurs(app, OURS_NEW),
  '@clerk/fastify': async (app) => {
    await app.register(official.clerkPlugin, OFFICIAL)
    app.get('/', async (request, reply) => {
      const { userId } = official.getAuth(request)
      return userId ? { userId } : reply.code(401).send()
    })
  },
  '@fastify/jwt': (app) => mountFastifyJwt(app, {}),
  '@fastify/jwt, cache on': (app) => mountFastifyJwt(app, { cache: true }),
}

/**
 * @param {fastify.FastifyInstance} app
 * @param {ours.ClerkAuthOptions} options
 */
async function mountOurs(app, options) {
  await app.register(ours.clerkAuth, options)
  app.get('/', { onRequest: ours.requireAuth() }, async (request) => ({
    userId: ours.getAuth(request).userId,
  }))
}

/**
 * @param {fastify.FastifyInstance} app
 * @param {{ cache?: boolean }} cache
 */
async function mountFastifyJwt(app, cache) {
  await app.register(fastifyJwt, {
    secret: { public: JWT_KEY },
    verify: { algorithms: ['RS256'], allowedIss: ISSUER, ...cache },
  })
  app.get('/', { onRequest: (request) => request.jwtVerify() }, async ({ user }) => ({
    userId: /** @type {{ sub: string }} */ (user).sub,
  }))
}
