import { createServer } from 'node:http'
import * as ofExpress from '@clerk-auth/express'
import * as ofFastify from '@clerk-auth/fastify'
import * as ofHono from '@clerk-auth/hono'
import * as ofNestjs from '@clerk-auth/nestjs'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it } from 'vitest'
import { listen } from './targets.js'

const inExpress = Object.entries({
  clerkAuth: ofExpress.clerkAuth,
  requireAuth: ofExpress.requireAuth,
  isPublic: ofExpress.isPublic,
})
const inHono = Object.entries({
  clerkAuth: ofHono.clerkAuth,
  requireAuth: ofHono.requireAuth,
  isPublic: ofHono.isPublic,
})

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_name, framework) => {
  it.each(inExpress)(
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

type Reader = (argument: never) => unknown
interface Readers {
  readonly getAuth: Reader
  readonly getToken: Reader
}

describe.each<[string, Readers, string]>([
  ['express', ofExpress, 'req'],
  ['fastify', ofFastify, 'request'],
  ['hono', ofHono, 'c'],
  ['nestjs', ofNestjs, 'context'],
])('@clerk-auth/%s', (_adapter, { getAuth, getToken }, parameter) => {
  it.each([undefined, null, 'session_token', () => {}])(
    'throws a TypeError for getAuth(%s) and getToken(%s) that says how to write it',
    (argument) => {
      const without = (name: string) =>
        new TypeError(`${name}() is called without the request: write ${name}(${parameter})`)
      expect(() => getAuth(argument as never)).toThrow(without('getAuth'))
      expect(() => getToken(argument as never)).toThrow(without('getToken'))
    },
  )
})

it.each<[string, string, (requirement?: undefined) => unknown]>([
  ['express', 'requireAuth', ofExpress.requireAuth],
  ['fastify', 'requireAuth', ofFastify.requireAuth],
  ['hono', 'requireAuth', ofHono.requireAuth],
  ['nestjs', '@RequireAuth', ofNestjs.RequireAuth],
])('@clerk-auth/%s throws a TypeError for a guard whose requirement is undefined', (_adapter, name, requireAuth) => {
  expect(() => requireAuth(undefined)).toThrow(
    new TypeError(`the requirement of ${name} is undefined: give it a value, or write ${name}() for any session`),
  )
  expect(requireAuth).not.toThrow()
})
