import type { RequestListener } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProber } from '../../src/routes/probe.js'
import { unknownPathFinding } from '../../src/routes/unknown-path.js'
import { listingOf, route, serve } from './served.js'

const FINDING = {
  route: 'GET /*',
  text: 'cannot tell: a request that no route matches gets an answer; make what answers it a route',
}

async function findingFor(labels: readonly string[], status: number, callsHandlers = false) {
  const requests: string[] = []
  const listener: RequestListener = (req, res) => {
    requests.push(`${req.method} ${req.url} ${req.headers.authorization}`)
    res.writeHead(status).end()
  }
  const prober = createProber({ url: await serve(listener), timeoutInMs: 5_000, callsHandlers })
  onTestFinished(prober.close)
  const { routes } = listingOf(labels.map((label) => route(label)))
  return { finding: await unknownPathFinding(routes, prober), requests }
}

describe('a path without a route', () => {
  test('is called without a token, and is longer than routes that have only parameters', async () => {
    const { requests } = await findingFor(['GET /users/:id'], 404)
    expect(requests).toEqual([expect.stringMatching(/^GET (\/zq7kx){8} undefined$/)])
  })

  test.each([
    [200, FINDING],
    [204, FINDING],
    [299, FINDING],
    [302, undefined],
    [401, undefined],
    [404, undefined],
    [500, undefined],
  ])('is %i', async (status, expected) => {
    expect((await findingFor(['GET /users', 'GET /files/*'], status)).finding).toEqual(expected)
  })

  test.each([
    [200, FINDING],
    [302, FINDING],
    [404, undefined],
  ])('is %i while handlers are called', async (status, expected) => {
    expect((await findingFor(['GET /users'], status, true)).finding).toEqual(expected)
  })

  test.each([
    'ALL *',
    'ALL /*',
    'GET *',
    'GET /*',
    'GET /*rest',
    'GET /{*rest}',
    'GET /:rest{.+}',
    'GET /:rest{.*}',
    'GET /:rest(.*)',
  ])('cannot be called if %s is a route', async (label) => {
    expect(await findingFor(['GET /users', label], 200)).toEqual({ finding: undefined, requests: [] })
  })

  test.each([
    'POST /*',
    'GET /*.html',
    'GET /*rest/edit',
    'GET /{*rest}/edit',
    'GET /files/*',
    'GET /:id',
    'GET /:id(.*)/edit',
  ])('is called although %s is a route', async (label) => {
    expect((await findingFor([label], 200)).finding).toEqual(FINDING)
  })
})
