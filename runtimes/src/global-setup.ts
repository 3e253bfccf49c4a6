import type { TestProject } from 'vitest/node'
import { startRuntime, type Ports, type RuntimeName } from './runtimes.js'

declare module 'vitest' {
  interface ProvidedContext {
    readonly runtime: RuntimeName
    readonly ports: Ports
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const runtime = process.env['CLERK_AUTH_RUNTIME'] as RuntimeName
  const { ports, stop } = await startRuntime(runtime)
  project.provide('runtime', runtime)
  project.provide('ports', ports)
  return stop
}
