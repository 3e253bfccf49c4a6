import { describeGuard, type GuardDescription, type Requirements } from '@clerk-auth/core'
import * as express from '@clerk-auth/express'
import * as fastify from '@clerk-auth/fastify'
import * as hono from '@clerk-auth/hono'
import * as nestjs from '@clerk-auth/nestjs'
import { describe, expect, it } from 'vitest'
import { guardInWords } from '../packages/core/src/guard/in-words.js'
import { guardInWords as routeInWords } from '../packages/local/src/routes/guard-words.js'

const requirement = { role: 'org:admin', reverification: 'strict' } as const

describe.each([
  ['express', express.requireAuth(requirement), express.isPublic()],
  ['fastify', fastify.requireAuth(requirement), fastify.isPublic()],
  ['hono', hono.requireAuth(requirement), hono.isPublic()],
  ['nestjs', nestjs.RequireAuth(requirement), nestjs.Public()],
])('%s', (_, guard, marker) => {
  it('describes its guards: what they require, as data', () => {
    expect(describeGuard(guard)).toEqual({
      isPublic: false,
      requirements: [{ acceptsToken: ['session_token'], role: ['org:admin'], reverification: 'strict' }],
    })
  })

  it('describes the marker of public routes', () => {
    expect(describeGuard(marker)).toEqual({ isPublic: true })
  })
})

it('guards have the same words in OpenAPI documents, from core, and in the list of routes, from the local instance', () => {
  const everyField: Requirements = [
    {
      org: true,
      role: ['org:admin', 'org:owner'],
      permission: ['org:a:read', 'org:b:read'],
      feature: 'export',
      plan: 'org:pro',
      impersonation: 'deny',
      reverification: { level: 'first_factor', afterMinutes: 10 },
      fresh: true,
      check: () => true,
    },
    { org: () => 'org_2a', reverification: 'strict' },
    { acceptsToken: ['oauth_token', 'api_key'], scope: ['read', 'write'] },
    { acceptsToken: 'oauth_token', client: ['one', 'two'] },
    { acceptsToken: 'm2m_token', machine: 'mch_2a3b4c5d6e7f8g9h0i1j2k3l4m5' },
    { acceptsToken: 'jwt_template' },
  ]
  const guard = describeGuard(express.requireAuth(everyField)) as GuardDescription
  const route = { method: 'GET', path: '/', guards: [guard], guardsBehindHandler: [], hasOwnHandler: true }
  expect(guardInWords(guard)).toBe(routeInWords(route as never))
})
