// Runs one server of one framework, in a separate process: node http-server.js <framework> <variant>, the key in CLERK_JWT_KEY.
import { createPublicKey, verify } from 'node:crypto'
import * as expressAuth from '@clerk-auth/express'
import * as fastifyAuth from '@clerk-auth/fastify'
import * as honoAuth from '@clerk-auth/hono'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { listen } from './servers.js'

const ANSWER = { ok: true }
/** Without a cache, every token is new. */
const FORGETFUL = { cache: { maxEntries: 0 } }

const key = createPublicKey(process.env['CLERK_JWT_KEY'] ?? '')

/** @typedef {(authorization: string | undefined) => boolean} Hook whether the request may pass */

/** @type {Hook} */
const read = (authorization) => authorization !== ''

/** @type {Hook} only `crypto.verify`, which is not enough to trust a token */
function verifyRaw(authorization = '') {
  const token = authorization.slice('Bearer '.length)
  const lastDot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(lastDot + 1), 'base64url')
  return verify('sha256', Buffer.from(token.slice(0, lastDot)), key, signature)
}

/** @typedef {'bare' | 'hooks' | 'hooks + verify' | 'guarded' | 'guarded, new'} Variant */

const SERVERS = {
  /** @param {Variant} variant */
  express: async (variant) => {
    const app = express()
    /** @type {(mayPass: Hook) => express.RequestHandler} */
    const hook = (mayPass) => (req, res, next) => {
      if (mayPass(req.headers.authorization)) next()
      else res.sendStatus(401)
    }
    /** @param {...express.RequestHandler} hooks */
    const mount = (...hooks) => app.get('/', ...hooks, (_req, res) => res.json(ANSWER))
    if (variant === 'bare') mount()
    if (variant === 'hooks') mount(hook(read), hook(read))
    if (variant === 'hooks + verify') mount(hook(verifyRaw), hook(read))
    if (variant === 'guarded') mount(expressAuth.clerkAuth(), expressAuth.requireAuth())
    if (variant === 'guarded, new') mount(expressAuth.clerkAuth(FORGETFUL), expressAuth.requireAuth())
    return listen(app)
  },

  /** @param {Variant} variant */
  fastify: async (variant) => {
    const app = fastify()
    /** @type {(mayPass: Hook) => fastify.onRequestHookHandler} */
    const hook = (mayPass) => (request, reply, done) => {
      if (mayPass(request.headers.authorization)) done()
      else reply.code(401).send()
    }
    if (variant === 'hooks') app.addHook('onRequest', hook(read))
    if (variant === 'hooks + verify') app.addHook('onRequest', hook(verifyRaw))
    if (variant === 'guarded') await app.register(fastifyAuth.clerkAuth)
    if (variant === 'guarded, new') await app.register(fastifyAuth.clerkAuth, FORGETFUL)
    const onRequest = variant === 'bare' ? [] : variant.startsWith('hooks') ? [hook(read)] : [fastifyAuth.requireAuth()]
    app.get('/', { onRequest }, async () => ANSWER)
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server.address()
  },

  /** @param {Variant} variant */
  hono: async (variant) => {
    const app = new Hono()
    /** @type {(mayPass: Hook) => import('hono').MiddlewareHandler} */
    const hook = (mayPass) => (c, next) =>
      mayPass(c.req.header('authorization')) ? next() : Promise.resolve(c.body(null, 401))
    if (variant === 'hooks') app.use(hook(read), hook(read))
    if (variant === 'hooks + verify') app.use(hook(verifyRaw), hook(read))
    if (variant === 'guarded') app.use(honoAuth.clerkAuth(), honoAuth.requireAuth())
    if (variant === 'guarded, new') app.use(honoAuth.clerkAuth(FORGETFUL), honoAuth.requireAuth())
    app.get('/', (c) => c.json(ANSWER))
    return listen(createAdaptorServer(app))
  },
}

const [, , framework, variant] = process.argv
const { port } = await SERVERS[/** @type {keyof typeof SERVERS} */ (framework)](/** @type {Variant} */ (variant))
process.send?.(port)
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
