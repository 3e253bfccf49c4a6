import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** Compiles the source like Jest does, where import() is not available. */
const LOAD = `
  const { readFileSync } = require('node:fs')
  const { runInThisContext } = require('node:vm')
  const filename = require.resolve('@clerk-auth/local')
  const compile = runInThisContext('(function (exports, require, module, __filename) {' + readFileSync(filename, 'utf8') + '\\n})')
  const loaded = { exports: {} }
  compile(loaded.exports, require('node:module').createRequire(filename), loaded, filename)
  const { startLocalClerk } = loaded.exports`

describe.skipIf(!existsSync(`${packageFolder}dist/index.cjs`))('the published package', () => {
  test('as CommonJS stores data and signs webhooks without import(), as in Jest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { stdout } = await nodeWith(`${LOAD}
      const { createServer } = require('node:http')
      const server = createServer((request, response) => response.end()).listen(0, async () => {
        const local = await startLocalClerk({ data: ${JSON.stringify(join(folder, 'clerk.db'))} })
        local.webhooks.add({ url: 'http://127.0.0.1:' + server.address().port })
        local.webhooks.send('role.updated', {})
        await local.webhooks.settled()
        console.log(local.webhooks.deliveries()[0].outcome)
        await local.close()
        server.close()
      })`)
    expect(stdout).toBe('delivered\n')
  })

  test.each([
    ['18.20.8', 'clerk-auth-local: this is Node 18.20.8, and 20.19 or newer is needed\n'],
    ['20.9.0', 'clerk-auth-local: this is Node 20.9.0, and 20.19 or newer is needed\n'],
  ])('refuses Node %s and names the required version', async (version, message) => {
    const outcome = commandIn(version)
    await expect(outcome).rejects.toMatchObject({ code: 1, stdout: '', stderr: message })
  })

  test.each(['20.19.0', '22.1.0', '100.0.0'])('runs in Node %s', async (version) => {
    expect(await commandIn(version)).toMatchObject({ stdout: expect.stringMatching(/^\d/), stderr: '' })
  })
})

function nodeWith(code: string) {
  return promisify(execFile)(process.execPath, ['--eval', code], { cwd: packageFolder })
}

function commandIn(node: string) {
  const override = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`
  return promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(override)}`, 'bin/clerk-auth-local.js', '--version'],
    { cwd: packageFolder },
  )
}
