import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tests with Redis are skipped on a developer's machine without one, but never in CI. */
export const skipRedisTests = spawnSync('redis-server', ['--version']).status !== 0 && !process.env['CI']

if (skipRedisTests) console.warn('tests with Redis skipped: install it (apt-get install redis-server)')

/** A real Redis on loopback, without persistence. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Runs `redis-cli` with these arguments. */
  readonly cli: (...args: readonly string[]) => Promise<string>
  /** Stops the process so that it does not answer, without closing its connections. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly kill: () => Promise<void>
  /** Starts it again on the same port, empty, with these options besides. */
  readonly restart: (...more: readonly string[]) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startRedis(...options: readonly string[]): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-redis-'))
  let server = await launch()

  async function launch(...more: readonly string[]): Promise<ChildProcess> {
    const all = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
    // A sentinel keeps its state in a configuration file.
    const configuration = join(folder, 'redis.conf')
    writeFileSync(configuration, '')
    const child = spawn('redis-server', [configuration, ...all, ...options, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of child.stdout) if (/Ready to accept connections|Sentinel ID/.test(String(line))) break
    child.stdout.resume()
    return child
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    cli: (...args) => run('redis-cli', ['-p', String(port), ...args]),
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    kill,
    restart: async (...more) => {
      await kill()
      server = await launch(...more)
    },
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  return output.trimEnd()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
