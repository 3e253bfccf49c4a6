import { describeGuard } from '@clerk-auth/core'
import * as express from '@clerk-auth/express'
import * as fastify from '@clerk-auth/fastify'
import * as hono from '@clerk-auth/hono'
import * as nestjs from '@clerk-auth/nestjs'
import { describe, expect, it } from 'vitest'

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
