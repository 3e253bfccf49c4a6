import { createRequire } from 'node:module'
import { join } from 'node:path'
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import * as adapterOfHono from '@clerk-auth/hono'
import express, { type RequestHandler, type Router } from 'express'
import { Hono } from 'hono'
import { afterAll, describe, expect, it } from 'vitest'
import { listApp, prepareFrameworks } from '../../src/routes/list-app.js'
import type { Listing } from '../../src/routes/route.js'
import { appFolder } from './app-folder.js'
import { env, inWords } from './listed.js'

/** Applications put together at random: what is listed as guarded must never answer a caller without a token. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 8)
const options = { publishableKey: env.CLERK_PUBLISHABLE_KEY }
const express4 = createRequire(import.meta.url)('express4') as typeof express

const folder = appFolder({}, [['express', 'express4']])
await prepareFrameworks(import.meta.filename)
await prepareFrameworks(join(folder.path, 'app.js'))
afterAll(folder.remove)

/** Numbers from 0 to below `n`, the same for each seed. */
function dice(seed: number) {
  let state = seed * 2654435761 + 1
  return (n: number): number => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return Math.floor((state / 4294967296) * n)
  }
}

type Dice = ReturnType<typeof dice>

const pick = <T>(roll: Dice, values: readonly T[]): T => values[roll(values.length)]!
const SEGMENTS = ['a', 'b', 'A', '1']
const METHODS = ['get', 'post', 'all'] as const

const pathOf = (roll: Dice, segments: readonly string[]): string =>
  `/${Array.from({ length: 1 + roll(2) }, () => pick(roll, segments)).join('/')}${pick(roll, ['', '', '/'])}`

const requestsOf = (roll: Dice) =>
  Array.from({ length: 60 }, () => ({
    method: pick(roll, ['GET', 'POST', 'HEAD', 'PUT', 'PROPFIND']),
    path:
      `${pathOf(roll, SEGMENTS)}${pick(roll, ['', '', `/${pick(roll, SEGMENTS)}`])}`.replaceAll(/\/{2,}/g, '/') +
      pick(roll, ['', '?skip=1']),
  }))

/** A mark of public routes that says of which. */
function markOf<F extends Function>(run: F, where: string): F {
  return Object.assign(run, { [Symbol.for('clerk-auth.guard')]: { isPublic: true, where } })
}

/** Whether the handler of a route may answer every caller, as far as the listing knows. */
function isListedAsOpen({ routes }: Listing, where: string, method: string): boolean {
  const methods = ['ALL', method, method === 'HEAD' ? 'GET' : method]
  const ofHandler = routes.filter(
    (route) =>
      methods.includes(route.method) &&
      [...route.guards, ...route.guardsBehindHandler].some((guard) => 'where' in guard && guard.where === where),
  )
  return ofHandler.some(({ guards, uncertain }) => uncertain !== undefined || guards.every(({ isPublic }) => isPublic))
}

interface RandomApp {
  readonly app: unknown
  /** What was done, to read when a test fails. */
  readonly log: readonly string[]
}

function expressApp(framework: typeof express, roll: Dice): RandomApp {
  const log: string[] = []
  const patterns = [...SEGMENTS, ':id', ':id', framework === express4 ? '*' : '*rest']
  if (framework === express4) patterns.push(':n(\\d+)', 'a?', 'b*')
  else patterns.push('{b}')
  const app = framework()
  if (roll(4) === 0) app.enable('case sensitive routing')
  if (roll(4) === 0) app.enable('strict routing')
  app.use(clerkAuth(options))
  fill(app, 'app', 2)
  return { app, log }

  function fill(router: Router, name: string, depth: number): void {
    for (let i = 0; i < 7; i++) {
      const path = pathOf(roll, patterns)
        .replaceAll('*rest', `*rest${i}`)
        .replaceAll(':id', () => `:id${roll(1000)}`)
      const method = pick(roll, METHODS)
      const where = `${name}#${i}`
      const handler: RequestHandler = (_req, res) => void res.set('x-handler', where).end()
      const mark: RequestHandler = markOf((_req: unknown, _res: unknown, next: () => void) => next(), where)
      const middleware: RequestHandler = (req, _res, next) => next(req.query['skip'] ? 'route' : undefined)
      const guards = Array.from({ length: roll(3) === 0 ? 1 : 0 }, () => requireAuth())
      const functions = pick(roll, [
        [...guards, handler],
        [middleware, ...guards, handler],
        [handler, ...guards, handler],
        [handler],
        [requireAuth()],
      ])
      const kind = roll(depth > 0 ? 6 : 4)
      log.push(
        `${where} ${['route', 'route', 'route()', 'use', 'router', 'app'][kind]} ${method} ${path} ${functions.map((f) => f.name || f.length).join()}`,
      )
      if (kind < 2) router[method](path, mark, functions)
      else if (kind === 2)
        router
          .route(path)
          .all(mark, ...guards)
          .get(handler)
          .post(...functions)
      else if (kind === 3) router.use(path, pick(roll, [requireAuth(), middleware]))
      else {
        const inner =
          kind === 4 ? framework.Router({ strict: roll(2) === 0, caseSensitive: roll(2) === 0 }) : framework()
        fill(inner as Router, where, depth - 1)
        router.use(path, inner)
      }
    }
  }
}

function honoApp(roll: Dice): RandomApp {
  const log: string[] = []
  const patterns = [...SEGMENTS, ':id', ':id', ':n{[0-9]+}', ':o?', '*']
  const root = new Hono({ strict: roll(2) === 0 })
  root.use(adapterOfHono.clerkAuth(options))
  fill(root, 'app', 2)
  return { app: root, log }

  function fill(app: Hono, name: string, depth: number): void {
    for (let i = 0; i < 7; i++) {
      // An optional parameter is the last part of a path.
      const path = pathOf(roll, patterns)
        .replace(/(:o\?).*/, '$1')
        .replaceAll(':id', () => `:id${roll(1000)}`)
      const method = pick(roll, METHODS)
      const where = `${name}#${i}`
      const handler = () => new Response(null, { headers: { 'x-handler': where } })
      const mark = markOf(async (_c: unknown, next: () => Promise<void>) => next(), where)
      const middleware = async (_c: unknown, next: () => Promise<void>) => next()
      const guards = Array.from({ length: roll(3) === 0 ? 1 : 0 }, () => adapterOfHono.requireAuth())
      const functions = pick(roll, [
        [...guards, handler],
        [middleware, ...guards, handler],
        [handler, ...guards],
        [handler],
        [adapterOfHono.requireAuth()],
      ])
      const kind = roll(depth > 0 ? 5 : 4)
      log.push(
        `${where} ${['route', 'route', 'route', 'use', 'app'][kind]} ${method} ${path} ${functions.map((f) => f.name || f.length).join()}`,
      )
      if (kind < 3) app.on(method.toUpperCase(), path, mark, ...(functions as [typeof handler]))
      else if (kind === 3) app.use(path, pick(roll, [adapterOfHono.requireAuth(), middleware]))
      else {
        const inner = new Hono()
        if (roll(2) === 0)
          inner.onError((error, c) =>
            'getResponse' in error ? (error as { getResponse(): Response }).getResponse() : c.text('', 500),
          )
        fill(inner, where, depth - 1)
        app.route(path.replaceAll(/[*?]/g, ''), inner)
      }
    }
  }
}

describe.each([
  ['Express 5', (roll: Dice) => expressApp(express, roll)],
  ['Express 4', (roll: Dice) => expressApp(express4, roll)],
  ['Hono', honoApp],
] as const)('%s', (_name, create) => {
  it(
    'never answers a caller without a token on a route that is listed with a guard',
    { timeout: 600_000 },
    async () => {
      let [answered, guarded, refused] = [0, 0, 0]
      for (let seed = 1; seed <= ROUNDS; seed++) {
        const roll = dice(seed)
        const { app, log } = create(roll)
        const { listing, close } = await listApp(app).catch((error: Error) => {
          throw new Error(`seed ${seed}: ${error.message}\n${log.join('\n')}`, { cause: error })
        })
        guarded += listing.routes.filter(({ guards }) => guards.some(({ isPublic }) => !isPublic)).length
        await close()
        const again = await listApp(app, { callsHandlers: true })
        for (const { method, path } of requestsOf(roll)) {
          const answer = await fetch(again.url + path, { method })
          await answer.arrayBuffer()
          const by = answer.headers.get('x-handler')
          if (answer.status === 401) refused++
          if (!by) continue
          answered++
          if (!isListedAsOpen(listing, by, method))
            throw new Error(
              [`seed ${seed}: ${by} answers ${method} ${path}`, ...listing.routes.map(inWords), ...log].join('\n'),
            )
        }
        await again.close()
      }
      expect({ answered, guarded, refused }).toSatisfy((counts: object) =>
        Object.values(counts).every((n) => n > ROUNDS),
      )
    },
  )
})
