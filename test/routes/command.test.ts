import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { projectWith, runRoutes, startRoutes } from './command.js'

/** Writes the ids of the process of the application, and of one that it starts, to a file. */
const PIDS = `
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
const sleeping = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
appendFileSync(process.env.PIDS, process.pid + '\\n' + sleeping.pid + '\\nstarted\\n')
`
const EXPRESS = `${PIDS}
import express from 'express'
import { clerkAuth, requireAuth, isPublic } from '@clerk-auth/express'
const app = express().use(clerkAuth())
app.get('/me', requireAuth(), (_req, res) => res.json({}))
`

describe('an application that cannot be checked', () => {
  it.concurrent.each([
    ['has a syntax error', 'export default = 1', /app\.js: it does not load: SyntaxError/],
    [
      'throws while it loads',
      `${PIDS}\nthrow new Error('no database')`,
      /app\.js: it does not load: Error: no database/,
    ],
    ['lacks a module', `import 'no-such-module'`, /app\.js: it does not load: .*no-such-module/],
    ['has no default export', 'export const app = 1', /default export/],
    ['exports something else', 'export default 1', /app\.js: .*not an application/],
    [
      'exports a function that rejects',
      `${PIDS}\nexport default () => Promise.reject(new Error('no database'))`,
      /app\.js: it does not load: Error: no database/,
    ],
    ['ends the process with success', `${PIDS}\nprocess.exit(0)`, /app\.js: its process ended while it loaded/],
    ['ends the process with an error', `${PIDS}\nprocess.exit(3)`, /app\.js: its process ended while it loaded/],
    [
      'is killed while it loads',
      `${PIDS}\nprocess.kill(process.pid, 'SIGKILL')`,
      /app\.js: its process ended .*SIGKILL/,
    ],
    ['has no route', `import express from 'express'\nexport default express()`, /no routes?/],
    [
      'does not answer',
      `${EXPRESS}\napp.get('/slow', (_req, _res, _next) => {}, requireAuth(), (_req, res) => res.end())\nexport default app`,
      /GET \/slow did not answer within 1 second/,
    ],
    [
      'ends the process when it is asked',
      `${EXPRESS}\napp.get('/bad', (_req, _res, _next) => process.exit(1), requireAuth(), (_req, res) => res.end())\nexport default app`,
      /GET \/[a-z]+ was not answered/,
    ],
  ])('%s', async (_name, app, line) => {
    const { exitCode, out, err, left } = await runRoutes(projectWith({ 'app.js': app }), [
      'app.js',
      '--check',
      '--timeout',
      '1',
    ])
    expect({ exitCode, out, left }).toEqual({ exitCode: 2, out: '', left: [] })
    expect(err).toMatch(line)
    expect(linesIn(err)).toHaveLength(1)
  })

  it.concurrent.each([
    ['never makes its application', `${PIDS}\nexport default () => new Promise(() => {})`],
    ['never finishes loading', `${PIDS}\nawait new Promise(() => {})`],
    ['computes forever while it loads', `${PIDS}\nfor (;;) {}`],
  ])('%s', { timeout: 120_000 }, async (_name, app) => {
    const { exitCode, err, left } = await runRoutes(projectWith({ 'app.js': app }), ['app.js', '--check'])
    expect({ exitCode, left }).toEqual({ exitCode: 2, left: [] })
    expect(linesIn(err)).toEqual([expect.stringMatching(/app\.js: it does not load within \d+ seconds/)])
  })

  it.concurrent.each([
    ['Express', (port: number) => `${EXPRESS}\napp.listen(${port}, '127.0.0.1')\nexport default app`],
    [
      'Fastify',
      (port: number) => `${PIDS}
        import fastify from 'fastify'
        const app = fastify().get('/', async () => ({}))
        await app.listen({ port: ${port}, host: '127.0.0.1' })
        export default app`,
    ],
  ])('on %s needs a port that is in use', async (_name, appWith) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { exitCode, err, left } = await runRoutes(projectWith({ 'app.js': appWith(port) }), ['app.js', '--check'])
    server.close()
    expect({ exitCode, left }).toEqual({ exitCode: 2, left: [] })
    expect(linesIn(err)).toEqual([expect.stringMatching(new RegExp(`EADDRINUSE.*${port}`))])
  })

  it.concurrent('is not there', async () => {
    const { exitCode, err } = await runRoutes(projectWith({}), ['app.js', '--check'])
    expect(exitCode).toBe(2)
    expect(linesIn(err)).toEqual([expect.stringMatching(/app\.js: there is no such file/)])
  })
})

describe('a usage that is wrong', () => {
  it.concurrent.each([
    [['--check'], /takes one file/],
    [['app.js', 'other.js'], /takes one file/],
    [['app.js', '--chek'], /--chek/],
    [['app.js', '--timeout', 'soon'], /--timeout/],
    [['app.js', '--check', '--snapshot', 'missing.md'], /missing\.md/],
    [['app.js', '--check', '--allow', 'missing.txt'], /missing\.txt/],
    [['app.js', '--check', '--params', 'missing.yaml'], /missing\.yaml/],
    [['app.js', '--check', '--seed', 'missing.yaml'], /missing\.yaml/],
  ])('%j', async (args, line) => {
    const { exitCode, out, err, left } = await runRoutes(
      projectWith({ 'app.js': `${EXPRESS}\nexport default app` }),
      args,
    )
    expect({ exitCode, out, left }).toEqual({ exitCode: 2, out: '', left: [] })
    expect(linesIn(err)).toEqual([expect.stringMatching(line)])
  })
})

describe('an application that can be checked', () => {
  it.concurrent.each([
    [
      'prints a lot',
      `${EXPRESS}\nfor (let i = 0; i < 20_000; i++) { console.log('x'.repeat(200)); console.error('y'.repeat(200)) }`,
    ],
    ['leaves handles open', `${EXPRESS}\nsetInterval(() => {}, 1000)`],
    ['listens', `${EXPRESS}\napp.listen(0)`],
    ['has an unhandled rejection', `${EXPRESS}\nsetTimeout(() => Promise.reject(new Error('late')), 10)`],
    ['replaces process.exit and process.send', `${EXPRESS}\nprocess.exit = () => {}\nprocess.send = undefined`],
    ['changes the folder', `${EXPRESS}\nprocess.chdir('/')`],
    [
      'ignores signals',
      `${EXPRESS}\nfor (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})`,
    ],
  ])('%s', async (_name, app) => {
    const folder = projectWith({ 'app.js': `${app}\nexport default app` })
    const { exitCode, out, left } = await runRoutes(folder, ['app.js', '--check', '--json'])
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] })
    expect(JSON.parse(out)).toMatchObject({ findings: [], routes: [{ method: 'GET', path: '/me' }] })
  })
})

describe('the command', () => {
  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing running after %s', async (signal) => {
    const folder = projectWith({ 'app.js': `${EXPRESS}\nawait new Promise(() => {})` })
    const { child, wrote, ended } = startRoutes(folder, ['app.js', '--check'])
    await wrote('started')
    child.kill(signal)
    const { exitCode, left } = await ended
    expect({ isSuccess: exitCode === 0, left }).toEqual({ isSuccess: false, left: [] })
  })

  it.concurrent('runs no handler', async () => {
    const app = `${EXPRESS}\napp.post('/pay', requireAuth(), () => appendFileSync(process.env.PIDS, 'paid\\n'))\nexport default app`
    const folder = projectWith({ 'app.js': app })
    const { exitCode, written } = await runRoutes(folder, ['app.js', '--check'])
    expect({ exitCode, ran: written.includes('paid') }).toEqual({
      exitCode: 0,
      ran: false,
    })
  })

  it.concurrent('runs the handlers of callers that get in, if it is told to', async () => {
    const app = `${EXPRESS}\napp.post('/pay', requireAuth(), (_req, res) => { appendFileSync(process.env.PIDS, 'paid\\n'); res.json({}) })\nexport default app`
    const folder = projectWith({ 'app.js': app })
    const { exitCode, written } = await runRoutes(folder, ['app.js', '--check', '--call-handlers'])
    expect({ exitCode, ran: written.includes('paid') }).toEqual({
      exitCode: 0,
      ran: true,
    })
  })
})

function linesIn(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
