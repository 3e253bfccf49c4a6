// Measures one part of one checkout once, in a new process: node ab-run.js <checkout> <part>. The tokens arrive by
// message. A process of its own for each framework: V8 optimizes shared code less if three of them call it.
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { inject } from 'light-my-request'

/**
 * @typedef {{ jwtKey: string, tokens: readonly string[], tampered: string }} Caller
 * @typedef {(token: string) => Promise<unknown>} Call rejects where the token is refused
 */

const [, , checkout = '', part = ''] = process.argv
const [message] = await once(process, 'message')
/** @type {{ callers: Record<'RS256' | 'EdDSA', Caller>, quick: boolean }} */
const { callers, quick } = message
// It takes about eight stretches until V8 has optimized the verification of a new token.
const size = quick ? { stretches: 1, calls: 50 } : { stretches: 12, calls: 1000 }

const { RS256 } = callers
const parts = {
  core: measureCore,
  express: async () => ({ 'Express, guarded, cached': await measureCached(await callExpress(), RS256, 5) }),
  fastify: async () => ({ 'Fastify, guarded, cached': await measureCached(await callFastify(), RS256, 5) }),
  hono: async () => ({ 'Hono, guarded, cached': await measureCached(await callHono(), RS256, 5) }),
}
process.send?.(await parts[/** @type {keyof typeof parts} */ (part)]())

async function measureCore() {
  /** @type {Record<string, number>} */
  const result = {}
  const { createClerkAuth } = await load('core')
  for (const [algorithm, caller] of Object.entries(callers)) {
    const create = () => createClerkAuth({ jwtKey: caller.jwtKey })
    const shared = create()
    const verifyCached = (/** @type {string} */ token) => shared.verifyToken(token)
    result[`cached token, ${algorithm}`] = await measureCached(verifyCached, caller, 20)
    result[`new token, ${algorithm}`] = await measureNew(() => {
      const clerk = create()
      return (token) => clerk.verifyToken(token)
    }, caller)
  }
  return result
}

/** @param {string} name */
function load(name) {
  return import(pathToFileURL(join(checkout, 'packages', name, 'dist', 'index.js')).href)
}

/**
 * @param {Call} call
 * @param {Caller} caller
 * @param {number} times how often the usual number of calls, as these are quick
 * @returns {Promise<number>} microseconds
 */
async function measureCached(call, caller, times) {
  await check(call, caller)
  const [token = ''] = caller.tokens
  const count = size.calls * times
  return measureLeast(async () => {
    for (let i = 0; i < count; i++) await call(token)
    return count
  })
}

/**
 * @param {() => Call} create one that has seen no token
 * @param {Caller} caller
 * @returns {Promise<number>} microseconds
 */
async function measureNew(create, caller) {
  await check(create(), caller)
  let call = create()
  return measureLeast(
    async () => {
      for (const token of caller.tokens) await call(token)
      return caller.tokens.length
    },
    () => (call = create()),
  )
}

/**
 * Measures CPU time, which other processes affect less than wall time. The first batch is a warm-up.
 *
 * @param {() => Promise<number>} work gives how many calls it made
 * @param {() => void} [prepare]
 */
async function measureLeast(work, prepare) {
  const times = []
  for (let stretch = 0; stretch <= size.stretches; stretch++) {
    prepare?.()
    const before = process.cpuUsage()
    const calls = await work()
    const { user, system } = process.cpuUsage(before)
    if (stretch > 0) times.push((user + system) / calls)
  }
  return Math.min(...times)
}

/**
 * @param {Call} call
 * @param {Caller} caller
 */
async function check(call, { tokens: [good = ''], tampered }) {
  await call(good)
  const refused = await call(tampered).then(
    () => false,
    () => true,
  )
  if (!refused) throw new Error(`${checkout} accepts a tampered token`)
}

/** @returns {Promise<Call>} */
async function callExpress() {
  const { clerkAuth, requireAuth } = await load('express')
  const app = express()
  app.get('/', clerkAuth({ jwtKey: callers.RS256.jwtKey }), requireAuth(), (_req, res) => res.json({ ok: true }))
  const dispatch = /** @type {import('light-my-request').DispatchFunc} */ (/** @type {unknown} */ (app))
  return async (token) => expectOk((await inject(dispatch, requestWith(token))).statusCode)
}

/** @returns {Promise<Call>} */
async function callFastify() {
  const { clerkAuth, requireAuth } = await load('fastify')
  const app = fastify()
  await app.register(clerkAuth, { jwtKey: callers.RS256.jwtKey })
  app.get('/', { onRequest: requireAuth() }, async () => ({ ok: true }))
  await app.ready()
  return async (token) => expectOk((await app.inject(requestWith(token))).statusCode)
}

/** @returns {Promise<Call>} */
async function callHono() {
  const { clerkAuth, requireAuth } = await load('hono')
  const app = new Hono()
  app.get('/', clerkAuth({ jwtKey: callers.RS256.jwtKey }), requireAuth(), (c) => c.json({ ok: true }))
  return async (token) => expectOk((await app.request('/', requestWith(token))).status)
}

/** @param {string} token */
function requestWith(token) {
  return { url: '/', headers: { authorization: `Bearer ${token}` } }
}

/** @param {number} status */
function expectOk(status) {
  if (status !== 200) throw new Error(`the answer was ${status}`)
}
