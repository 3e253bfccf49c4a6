import { createServer } from 'node:http'
import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import * as ofHono from '@clerk-auth/hono'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it } from 'vitest'
import { listen } from './targets.js'

const ofExpress = Object.entries({ clerkAuth, requireAuth, isPublic })
const inHono = Object.entries({
  clerkAuth: ofHono.clerkAuth,
  requireAuth: ofHono.requireAuth,
  isPublic: ofHono.isPublic,
})

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_name, framework) => {
  it.each(ofExpress)(
    '%s without a call is a TypeError that says how to write it, and no handler runs',
    async (name, uncalled) => {
      const app = framework()
      const seen: unknown[] = []
      app.get('/', uncalled as unknown as RequestHandler, (_req, res) => void res.send('in'))
      app.use(((error, _req, res, _next) => {
        seen.push(error)
        res.status(500).send('out')
      }) as ErrorRequestHandler)
      const { url, close } = await listen(createServer(app))
      expect(await (await fetch(url)).text()).toBe('out')
      expect(seen).toEqual([new TypeError(`${name} is used without a call: write ${name}(), with parentheses`)])
      await close()
    },
  )
})

describe('Hono', () => {
  it.each(inHono)(
    '%s without a call is a TypeError that says how to write it, and no handler runs',
    async (name, uncalled) => {
      const app = new Hono()
      const seen: unknown[] = []
      app.onError((error, c) => {
        seen.push(error)
        return c.text('out', 500)
      })
      app.get('/', uncalled as unknown as MiddlewareHandler, (c) => c.text('in'))
      expect(await (await app.request('/')).text()).toBe('out')
      expect(seen).toEqual([new TypeError(`${name} is used without a call: write ${name}(), with parentheses`)])
    },
  )
})
