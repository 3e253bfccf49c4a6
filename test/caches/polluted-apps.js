// Runs in a separate process, because it changes Object.prototype: node polluted-apps.js, with the members to set on it
// as JSON. Prints the addresses of three applications, which refuse callers without a token.
import { once } from 'node:events'
import * as ofExpress from '@clerk-auth/express'
import * as ofFastify from '@clerk-auth/fastify'
import * as ofHono from '@clerk-auth/hono'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

const [members = '{}'] = process.argv.slice(2)
const options = { frontendApiUrl: 'https://clerk.example.com' }

const expressApp = express()
expressApp.use(ofExpress.clerkAuth(options))
expressApp.get('/', ofExpress.requireAuth(), (_req, res) => void res.send('passed'))
const expressServer = expressApp.listen(0, '127.0.0.1')

const fastifyApp = fastify()
await fastifyApp.register(ofFastify.clerkAuth, options)
fastifyApp.get('/', { onRequest: ofFastify.requireAuth() }, async () => 'passed')
await fastifyApp.listen({ port: 0, host: '127.0.0.1' })

const honoApp = new Hono()
honoApp.use(ofHono.clerkAuth(options))
honoApp.get('/', ofHono.requireAuth(), (c) => c.text('passed'))
const honoServer = serve({ fetch: honoApp.fetch, port: 0, hostname: '127.0.0.1' })

const servers = [expressServer, fastifyApp.server, honoServer]
for (const server of servers) if (!server.listening) await once(server, 'listening')
console.log(JSON.stringify(servers.map((server) => /** @type {{ port: number }} */ (server.address()).port)))
Object.assign(Object.prototype, JSON.parse(members))
