import { createServer } from 'node:http'
import * as adapterOfExpress from '@clerk-auth/express'
import * as adapterOfFastify from '@clerk-auth/fastify'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import express from 'express'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from './targets.js'

let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())

describe('a refusal, with cookies', () => {
  const clerkOptions = () => ({
    frontendApiUrl: local.url,
    authorizedParties: ['https://app.example.com'],
    cookies: true,
  })
  const varyOf = async (url: string) => (await fetch(url)).headers.get('vary')
  const BOTH = 'Accept, Authorization, Cookie, Origin, Sec-Fetch-Site'

  it('keeps what Express middleware wrote into Vary', async () => {
    const app = express()
    app.use((_req, res, next) => {
      res.vary('Accept')
      next()
    })
    app.use(adapterOfExpress.clerkAuth(clerkOptions()))
    app.get('/', adapterOfExpress.requireAuth())
    const { url, close } = await listen(createServer(app))
    expect(await varyOf(url)).toBe(BOTH)
    await close()
  })

  it('keeps what a Fastify hook wrote into Vary', async () => {
    const app = fastify()
    app.addHook('onRequest', async (_request, reply) => void reply.header('Vary', 'Accept'))
    await app.register(adapterOfFastify.clerkAuth, clerkOptions())
    app.get('/', { onRequest: adapterOfFastify.requireAuth() }, async () => 'in')
    expect(await varyOf(await app.listen({ port: 0, host: '127.0.0.1' }))).toBe(BOTH)
    await app.close()
  })
})
