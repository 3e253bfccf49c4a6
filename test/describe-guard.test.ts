import { describeGuard } from '@clerk-auth/core'
import * as express from '@clerk-auth/express'
import * as fastify from '@clerk-auth/fastify'
import * as hono from '@clerk-auth/hono'
import * as nestjs from '@clerk-auth/nestjs'
import { describe, expect, it } from 'vitest'

const requirement = { role: 'org:admin', reverification: 'strict' } as const

describe.each([
  ['express', express.requireAuth, express.isPublic],
  ['fastify', fastify.requireAuth, fastify.isPublic],
  ['hono', hono.requireAuth, hono.isPublic],
  ['nestjs', nestjs.RequireAuth, nestjs.Public],
])('%s', (_, requireAuth, isPublic) => {
  it('describes its guards: what they require, as data', () => {
    expect(describeGuard(requireAuth(requirement))).toEqual({
      isPublic: false,
      requirements: [{ acceptsToken: ['session_token'], role: ['org:admin'], reverification: 'strict' }],
    })
  })

  it('describes the marker of public routes', () => {
    expect(describeGuard(isPublic())).toEqual({ isPublic: true })
  })
})
