import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import express4 from 'express4'
import { fastify } from 'fastify'
import fastify4 from 'fastify4'
import { describe, expect, it } from 'vitest'
import { findingsIn, prepareProcess, snapshotOf } from './check.js'
import { expressMistakes } from './mistakes/express.js'
import { fastifyMistakes } from './mistakes/fastify.js'
import { honoMistakes } from './mistakes/hono.js'
import { begins } from './mistakes/mistake.js'
import { nestjsMistakes } from './mistakes/nestjs.js'

prepareProcess()

const mistakes = {
  'Express 5': expressMistakes(express, '/{*path}'),
  'Express 4': expressMistakes(express4, '*'),
  'Fastify 5': fastifyMistakes(fastify),
  'Fastify 4': fastifyMistakes(fastify4 as unknown as typeof fastify),
  Hono: honoMistakes,
  'NestJS on Express': nestjsMistakes(() => undefined),
  'NestJS on Fastify': nestjsMistakes(() => new FastifyAdapter()),
}

describe.each(Object.entries(mistakes))('the check of an application on %s reports that', (_framework, mistakes) => {
  it.each(mistakes)('$name', async ({ app, before, finds }) => {
    const snapshot = before && (await snapshotOf(before()))
    const findings = await findingsIn(app(), snapshot)
    const missing = finds.filter((expected) => !findings.some((line) => begins(line, expected)))
    const others = findings.filter((line) => !finds.some((expected) => begins(line, expected)))
    expect({ missing, others, findings }).toEqual({ missing: [], others: [], findings })
  })
})

it('has a hundred different mistakes', () => {
  const names = [mistakes['Express 5'], mistakes['Fastify 5'], mistakes.Hono, mistakes['NestJS on Express']].map(
    (ofOne) => new Set(ofOne.map(({ name }) => name)).size,
  )
  expect(names.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(100)
})
