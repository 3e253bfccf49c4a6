import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startLocalClerk } from '@clerk-auth/local'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { APPS, SCOPES, serve, type NotesApp } from './notes-apps.js'
import { examples } from './official-client.js'

// `.ci/run` installs both: the conformance tests of MCP need Node 22.
const node22 = join(import.meta.dirname, '../../runtimes/node_modules/node22/bin/node')
const program = join(examples, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
const isInstalled = existsSync(node22) && existsSync(program)

/** Runs the conformance tests. `onOutput` gets what they have printed so far. */
function conformance(parameters: readonly string[], onOutput?: (output: string) => void) {
  const child = spawn(node22, [program, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill())
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput?.(output)
    })
  return new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
}

describe.runIf(isInstalled || process.env['CI'])('the conformance tests of MCP', { timeout: 120_000 }, () => {
  it('for authorization servers pass on the local instance', async () => {
    const local = await startLocalClerk()
    onTestFinished(() => local.close())
    let isLoggedIn = false
    const given = ['--url', local.url, '--client-id', local.clients.cli.id, '--port', String(await freePort())]
    const { code, output } = await conformance(['authorization', ...given], (printed) => {
      // Up to the end of its line: it may arrive in parts.
      const url = /^http\S+\/oauth\/authorize\?\S+(?=\n)/m.exec(printed)?.[0]
      if (!url || isLoggedIn) return
      isLoggedIn = true
      void logIn(url)
    })
    expect(output).toContain('Total: 2 passed, 0 failed')
    expect(code).toBe(0)
  })

  it.each([
    ['2025-11-25', ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection']],
    [
      '2026-07-28',
      [
        'server-stateless',
        'tools-list',
        'server-sse-multiple-streams',
        'dns-rebinding-protection',
        'caching',
        'http-header-validation',
      ],
    ],
  ])(
    'for servers of %s pass behind a proxy that adds a token, where they apply to the example',
    async (revision, applicable) => {
      const local = await startLocalClerk()
      onTestFinished(() => local.close())
      const behindProxy: NotesApp = async (resource, options) => {
        const token = await local.oauthToken({ audience: resource, scopes: SCOPES })
        const app = await APPS.Hono(resource, options)
        return (request, response) => {
          request.headers.authorization = `Bearer ${token}`
          request.rawHeaders.push('Authorization', `Bearer ${token}`)
          app(request, response)
        }
      }
      const url = await serve(behindProxy, { frontendApiUrl: local.url })
      const baseline = join(import.meta.dirname, 'conformance', `${revision}.yml`)
      const given = ['--requirements', revision, '--expected-failures', baseline]
      const { code, output } = await conformance(['server', '--url', url, ...given])
      expect(output).toContain('=== SUMMARY ===')
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
      const passedChecks = new Map(
        [...output.matchAll(/([\w-]+): (\d+) passed/g)].map(([, name, count]) => [name, Number(count)]),
      )
      expect(applicable.filter((name) => !passedChecks.get(name))).toEqual([])
    },
  )
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** As alice. The client prints the URL just before it listens for the redirect. */
async function logIn(url: string): Promise<void> {
  const { headers } = await fetch(`${url}&_local_user=alice`, { redirect: 'manual' })
  await vi.waitFor(() => fetch(headers.get('location')!), 30_000)
}
