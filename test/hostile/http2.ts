import { once } from 'node:events'
import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as adapterOfHono from '@clerk-auth/hono'
import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { Hono, type Context } from 'hono'
import { answerOf } from '../contract/targets.js'
import type { Field, RequestCase } from './case.js'
import { exchangeFrames } from './frames.js'
import { TWO_REQUIREMENTS } from './guards.js'
import { fieldsOf, type Answer, type EntryPoint } from './entry-points.js'

const guards = Object.entries({ me: {}, ...TWO_REQUIREMENTS })

/** Serves a framework over HTTP/2 without TLS, with the routes that these cases use. */
type Serve = (clerk: ClerkAuth<AcceptsToken>) => Promise<{
  readonly server: Http2Server
  readonly url: string
  readonly close: () => Promise<unknown>
}>

const serveFastify: Serve = async (clerk) => {
  const { clerkAuth, getAuth, getToken, requireAuth } = adapterOfFastify
  const app = fastify({ http2: true }) as unknown as FastifyInstance
  const handler = async (request: FastifyRequest) => answerOf(getAuth(request), getToken(request))
  await app.register(clerkAuth, { clerk })
  for (const [name, requirement] of guards) {
    const onRequest = requireAuth(requirement)
    const method = ['GET', 'POST', 'OPTIONS']
    for (const url of [`/${name}`, `/${name}/:id`]) app.route({ url, method, onRequest, handler })
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const server = app.server as unknown as Http2Server
  return { server, url: urlOf(server), close: () => app.close() }
}

const serveHono: Serve = async (clerk) => {
  const { clerkAuth, getAuth, getToken, requireAuth } = adapterOfHono
  const app = new Hono()
  const handler = (c: Context) => c.json(answerOf(getAuth(c), getToken(c)))
  app.use(clerkAuth(clerk))
  for (const [name, requirement] of guards)
    for (const path of [`/${name}`, `/${name}/:id`]) app.all(path, requireAuth(requirement), handler)
  const server = serve({ fetch: app.fetch, createServer, port: 0, hostname: '127.0.0.1' }) as Http2Server
  await once(server, 'listening')
  return { server, url: urlOf(server), close: () => new Promise((resolve) => server.close(() => resolve(undefined))) }
}

function urlOf(server: Http2Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export const http2Targets = [
  { name: 'Fastify 5', serve: serveFastify },
  { name: 'Hono', serve: serveHono },
] as const satisfies readonly { readonly name: string; readonly serve: Serve }[]

function entryPointOf({ name, serve: serveTarget }: (typeof http2Targets)[number]): EntryPoint {
  return {
    name: `${name} over HTTP/2`,
    takes,
    parser: 'drops',
    hasAdapter: true,
    bare: false,
    configure: undefined,
    open: async (clerk) => {
      const { server, url, close } = await serveTarget(clerk)
      return {
        ask: async (request) => ask(server, url, request),
        close: async () => {
          await close()
          clerk.close()
        },
      }
    },
  }
}

/** Excludes requests with a body, and with connection-specific fields, which HTTP/2 forbids (RFC 9113 section 8.2.2). */
function takes({ send, outcome, body, to }: RequestCase): boolean {
  if ('value' in send || 'status' in outcome || 'never' in outcome || body !== undefined) return false
  const isHere = guards.some(([name]) => name === to.split(/[/?]/)[1])
  return isHere && !fieldsOf(send).some(([name]) => name === 'Connection')
}

async function ask(server: Http2Server, url: string, { send, method, to }: RequestCase): Promise<Answer> {
  const fields = fieldsOf(send as Exclude<RequestCase['send'], { readonly value: unknown }>)
  const seen = observeResponse(server)
  const outcome = await exchangeFrames(url, {
    method,
    path: to,
    // Names in lowercase, and no whitespace around values: RFC 9113 section 8.2.1.
    fields: fields.map(([name, value]): Field => [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')]),
  })
  seen.stop()
  if (outcome.ended !== 'answered') throw new Error(`the stream was ${outcome.ended}: error ${outcome.errorCode}`)
  return { ...(await seen.answer), body: outcome.body, loggedError: '' }
}

/** Status and headers as the server sent them, because the client does not decompress them. */
function observeResponse(server: Http2Server) {
  let stop = () => {}
  const answer = new Promise<Pick<Answer, 'status' | 'fields'>>((resolve) => {
    const listen = (_request: Http2ServerRequest, response: Http2ServerResponse) => {
      response.once('close', () => {
        const values = Object.entries(response.getHeaders()).filter(([name]) => !name.startsWith(':'))
        const fields = values.flatMap(([name, value]) => [value ?? []].flat().map((one): Field => [name, String(one)]))
        resolve({ status: response.statusCode, fields })
      })
    }
    server.on('request', listen)
    stop = () => server.off('request', listen)
  })
  return { answer, stop }
}

export const http2EntryPoints: readonly EntryPoint[] = http2Targets.map(entryPointOf)
