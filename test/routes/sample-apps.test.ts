import { describe, expect, it } from 'vitest'
import { findingsIn, prepareProcess } from './check.js'

prepareProcess()

describe('the check of an application without a mistake', () => {
  it.each(['express', 'fastify', 'hono'])('reports nothing on %s', { timeout: 200_000 }, async (framework) => {
    const { default: app } = await import(`./apps/${framework}/app.js`)
    expect(await findingsIn(typeof app === 'function' && !('handle' in app) ? app() : app)).toEqual([])
  })
})
