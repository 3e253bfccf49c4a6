import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the tests use of a compose file. https://docs.docker.com/reference/compose-file/ */
export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
}

interface Service {
  readonly command: string
  readonly working_dir: string
  readonly volumes: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly [kind: 'CMD', ...command: string[]]; readonly retries: number }
}

/** Runs the commands of the services without containers, on loopback, with the mounted folders at other paths. */
export interface Compose {
  /** Starts a service after those that it depends on, and waits until it is healthy. */
  readonly up: (name: string) => Promise<void>
  /** Starts what a service depends on, runs its command to the end, and returns what it prints. */
  readonly run: (name: string) => Promise<string>
  /** Runs another command in place of the service's, with its folders and environment. */
  readonly exec: (name: string, command: readonly string[]) => Promise<string>
  /** Sends SIGTERM to a service, and returns its exit code. */
  readonly stop: (name: string) => Promise<number | null>
  readonly down: () => Promise<void>
}

/** Neither the warning about tokens of a local instance, nor news of npm. */
const QUIET = { NODE_NO_WARNINGS: '1', npm_config_update_notifier: 'false' }

/** @param folder of the compose file. Volumes are folders in it. */
export function composeWithoutContainers({ services }: ComposeFile, folder: string): Compose {
  const running = new Map<string, ChildProcess>()

  function start(name: string, command: readonly string[], stderr: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
    const service = services[name]!
    const [program = '', ...args] = command.map((word) => onHost(service, word))
    const environment = Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value)])
    return spawn(program, args, {
      cwd: onHost(service, service.working_dir),
      env: { PATH: process.env['PATH'], HOME: folder, ...QUIET, ...Object.fromEntries(environment) },
      stdio: ['ignore', 'pipe', stderr],
    })
  }

  /** A path in a container, as the path of what is mounted there. */
  function onHost({ volumes }: Service, path: string): string {
    for (const volume of volumes) {
      const [source = '', target = ''] = volume.split(':')
      if (path !== target && !path.startsWith(`${target}/`)) continue
      const mounted = join(folder, source.startsWith('.') ? source : `volumes/${source}`)
      mkdirSync(mounted, { recursive: true })
      return mounted + path.slice(target.length)
    }
    return path
  }

  async function up(name: string): Promise<void> {
    if (running.has(name)) return
    const { command, healthcheck } = services[name]!
    await upAllOf(name)
    running.set(name, start(name, command.split(' ')))
    if (!healthcheck) return
    const [, ...test] = healthcheck.test
    for (let attempt = 0; attempt < healthcheck.retries; attempt++) {
      const [code] = (await once(start(name, test, 'ignore'), 'exit')) as [number | null]
      if (code === 0) return
      await sleep(100)
    }
    throw new Error(`${name} is unhealthy`)
  }

  async function upAllOf(name: string): Promise<void> {
    for (const [other, { condition }] of Object.entries(services[name]!.depends_on ?? {})) {
      if (condition === 'service_healthy' && !services[other]!.healthcheck)
        throw new Error(`${name} waits for ${other}, which has no health check`)
      await up(other)
    }
  }

  async function exec(name: string, command: readonly string[]): Promise<string> {
    const child = start(name, command)
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`)
    return output
  }

  async function stop(name: string): Promise<number | null> {
    const child = running.get(name)!
    running.delete(name)
    if (child.exitCode !== null) return child.exitCode
    const exit = once(child, 'exit')
    child.kill()
    const [code] = (await exit) as [number | null]
    return code
  }

  return {
    up,
    run: async (name) => {
      await upAllOf(name)
      return exec(name, services[name]!.command.split(' '))
    },
    exec,
    stop,
    down: async () => {
      await Promise.all([...running.keys()].map(stop))
    },
  }
}
