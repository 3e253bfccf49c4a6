/* oxlint-disable typescript/only-throw-error, typescript/prefer-promise-reject-errors -- applications do this */
import { createServer } from 'node:http'
import * as adapterOfExpress from '@clerk-auth/express'
import * as adapterOfFastify from '@clerk-auth/fastify'
import type { Requirement } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import express from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { listen } from './targets.js'

let local: LocalClerk
beforeAll(async () => void (local = await startLocalClerk()))
afterAll(() => local.close())

type Serve = (requirement: Requirement) => Promise<{ readonly url: string; readonly close: () => Promise<unknown> }>

function serveExpress(framework: typeof express): Serve {
  return (requirement) => {
    const app = framework()
    app.use(adapterOfExpress.clerkAuth({ frontendApiUrl: local.url }))
    app.get('/', adapterOfExpress.requireAuth(requirement), (_req, res) => void res.send('passed'))
    app.use(((_error, _req, res, _next) => void res.status(500).end()) as express.ErrorRequestHandler)
    return listen(createServer(app))
  }
}

function serveFastify(make: () => FastifyInstance): Serve {
  return async (requirement) => {
    const app = make()
    await app.register(adapterOfFastify.clerkAuth, { frontendApiUrl: local.url })
    app.get('/', { onRequest: adapterOfFastify.requireAuth(requirement) }, async () => 'passed')
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  }
}

const frameworks: readonly [string, Serve][] = [
  ['Express 5', serveExpress(express)],
  ['Express 4', serveExpress(express4)],
  ['Fastify 5', serveFastify(() => fastify())],
  ['Fastify 4', serveFastify(() => fastify4() as unknown as FastifyInstance)],
]

/** Functions of an application that throw what its framework would take for success. */
const FUNCTIONS: Readonly<Record<string, Requirement>> = {
  'a check that rejects with nothing': { check: () => Promise.reject() },
  'a check that throws null': {
    check: () => {
      throw null
    },
  },
  'a check that rejects with "route"': { check: () => Promise.reject('route') },
  'a function for the organization that throws an empty string': {
    org: () => {
      throw ''
    },
  },
}

describe.each(frameworks)('%s', (_name, serve) => {
  it.each(Object.entries(FUNCTIONS))('does not call the handler after %s', async (_what, requirement) => {
    const { url, close } = await serve(requirement)
    onTestFinished(close as () => Promise<void>)
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${await local.sessionToken({ user: 'alice' })}` },
    })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('passed')
  })
})
