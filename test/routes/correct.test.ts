import express from 'express'
import express4 from 'express4'
import { fastify } from 'fastify'
import fastify4 from 'fastify4'
import { describe, expect, it } from 'vitest'
import { findingsIn, prepareProcess } from './check.js'
import { correctOnExpress } from './correct/express.js'
import { correctOnFastify } from './correct/fastify.js'
import { correctOnHono } from './correct/hono.js'

prepareProcess()

const applications = {
  'Express 5': correctOnExpress(express, '/{*path}'),
  'Express 4': correctOnExpress(express4, '*'),
  'Fastify 5': correctOnFastify(fastify),
  'Fastify 4': correctOnFastify(fastify4 as unknown as typeof fastify),
  Hono: correctOnHono,
}

describe.each(Object.entries(applications))('the check of an application on %s finds nothing in', (_name, correct) => {
  it.each(correct)('$name', async ({ app }) => {
    expect(await findingsIn(app())).toEqual([])
  })
})
