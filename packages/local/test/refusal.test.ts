import { AssertionError } from 'node:assert'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { assertRefused, authorization, type ClientResponse, type ExpectedRefusal } from '../src/index.js'

const body = { type: 'urn:clerk-auth:role-missing', status: 403, code: 'role-missing' }

const clients: readonly [name: string, request: () => Promise<ClientResponse>][] = [
  [
    'app.request of Hono',
    async () =>
      new Hono().get('/', (c) => c.json(body, 403, { 'content-type': 'application/problem+json' })).request('/'),
  ],
  [
    'fastify.inject',
    async () => {
      const app = fastify()
      app.get('/', (_request, reply) => reply.code(403).type('application/problem+json').send(JSON.stringify(body)))
      return app.inject('/')
    },
  ],
  ['fetch', fetched],
  ['supertest', async () => ({ status: 403, statusCode: 403, text: JSON.stringify(body), body })],
]

async function fetched(): Promise<Response> {
  const server = createServer((_request, response) => response.writeHead(403).end(JSON.stringify(body)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.close()
  return response
}

describe.each(clients)('assertRefused with a response of %s', (_name, request) => {
  test.each<[ExpectedRefusal]>([['role-missing'], [403], [{ status: 403, code: 'role-missing' }]])(
    'accepts %j',
    async (expected) => {
      await expect(assertRefused(await request(), expected)).resolves.toBeUndefined()
    },
  )

  test.each<[ExpectedRefusal, string]>([
    ['token-expired', 'refused with token-expired, but'],
    [401, 'refused with 401, but'],
    [{ status: 401, code: 'role-missing' }, 'refused with 401 role-missing, but'],
    [{ status: 403, code: 'org-missing' }, 'refused with 403 org-missing, but'],
  ])('fails for %j, and reports the actual response', async (expected, message) => {
    const refusal = assertRefused(await request(), expected)
    await expect(refusal).rejects.toBeInstanceOf(AssertionError)
    await expect(refusal).rejects.toThrow(`${message} the response was 403 role-missing`)
  })
})

describe('assertRefused', () => {
  test('fails for a successful response, whatever code is in its body', async () => {
    await expect(assertRefused(Response.json(body), 'role-missing')).rejects.toThrow(
      'the response was 200 role-missing',
    )
  })

  test.each([
    ['', '403 without a body'],
    ['<html>', '403 <html>'],
    ['null', '403 null'],
    ['{"code":5}', '403 {"code":5}'],
    ['x'.repeat(300), `403 ${'x'.repeat(200)}`],
  ])('reports the status and the start of the body: %j', async (content, actual) => {
    const refusal = assertRefused(new Response(content, { status: 403 }), 'role-missing')
    await expect(refusal).rejects.toThrow(new RegExp(`the response was ${actual}$`))
  })

  test('leaves the body readable', async () => {
    const response = Response.json(body, { status: 403 })
    await assertRefused(response, 'role-missing')
    expect(await response.json()).toEqual(body)
  })

  test('refuses a response whose body was already read', async () => {
    const response = Response.json(body, { status: 403 })
    await response.text()
    await expect(assertRefused(response, 'role-missing')).rejects.toThrow(TypeError)
    await expect(assertRefused(response, 'role-missing')).rejects.toThrow('was already read')
  })

  test.each([[undefined], [null], [Promise.resolve(new Response())], [{ body: '' }]])(
    'refuses a value that is not a response with a TypeError: %j',
    async (response) => {
      await expect(assertRefused(response as never, 401)).rejects.toThrow(TypeError)
      await expect(assertRefused(response as never, 401)).rejects.toThrow('is an await missing?')
    },
  )

  test.each([[200], [NaN], [{ status: 200, code: 'ok' }], [{ status: 401 }], [undefined]])(
    'refuses to expect %j with a TypeError',
    async (expected) => {
      const response = Response.json(body, { status: 403 })
      await expect(assertRefused(response, expected as never)).rejects.toThrow(TypeError)
    },
  )
})

test('authorization returns the header for a token', () => {
  expect(authorization('mt_x')).toEqual({ authorization: 'Bearer mt_x' })
})
