import { AssertionError } from 'node:assert'
import { join } from 'node:path'
import type { LocalEnv } from '../instance/env.js'
import type { LocalClerk } from '../local-clerk.js'
import type { Seed, SeedPersona } from '../seed/seed.js'
import { startLocalClerk } from '../start-local-clerk.js'
import { coreOf } from '../support/core-of-project.js'
import { withoutAccepted } from './allow-file.js'
import { checkRoutes } from './check-routes.js'
import type { Core } from './core.js'
import { exportedApp } from './exported-app.js'
import { isExpress } from './express.js'
import { takeRoutersWithRoutes } from './express-router.js'
import { findingLine } from './finding.js'
import { listApp, prepareFrameworks } from './list-app.js'
import { parameterValues } from './params-file.js'

export interface ExpectGuardedOptions {
  /** the instance that the application uses; default: one with the default seed, only for this check */
  readonly local?: LocalClerk<Seed>
  /** more callers, by name, each with a token of the instance */
  readonly personas?: Readonly<Record<string, SeedPersona>>
  /** routes whose findings are accepted, such as `GET /metrics` */
  readonly allow?: readonly string[]
  /** values of path parameters, by name, or by route (`GET /invoices/:id`) and name */
  readonly params?: Readonly<Record<string, string | number | Readonly<Record<string, string | number>>>>
  /** origin in session tokens, for an application with `authorizedParties` */
  readonly azp?: string
  /** of each answer in milliseconds, default 10 000 */
  readonly timeoutInMs?: number
}

/**
 * Asserts that every route of an application has a guard before its handler or is public on purpose, and that its guards
 * let pass who they say: each route is called over HTTP as everyone in the seed, with handlers replaced.
 *
 * @param app a function that imports or makes the application, such as `() => import('../app.js')`, which runs with
 *   the environment of the instance; or an application that uses `local`
 * @throws {AssertionError} whose message lists what was found, one route a line
 * @throws {Error} if the application cannot be checked
 */
export async function expectGuarded(app: unknown, options: ExpectGuardedOptions = {}): Promise<void> {
  const local = options.local ?? (await startLocalClerk<Seed>({ algorithm: 'ES256' }))
  const restore = setEnvironment(local.env)
  try {
    await expectGuardedWith(app, local, options)
  } finally {
    restore()
    if (local !== options.local) await local.close()
  }
}

async function expectGuardedWith(
  app: unknown,
  local: LocalClerk<Seed>,
  { personas = {}, allow = [], params = {}, azp, timeoutInMs = 10_000 }: ExpectGuardedOptions,
): Promise<void> {
  const core = coreOf(process.cwd()) as Core | undefined
  if (!core) throw new Error(`${process.cwd()} is not in a project with a @clerk-auth package`)
  const { listing, url, close } = await listApp(await applicationIn(app))
  try {
    const { findings } = await checkRoutes({
      listing,
      url,
      local,
      core,
      personas,
      azp,
      values: parameterValues(params, '"params" of expectGuarded()'),
      timeoutInMs,
      callsHandlers: false,
      progress: () => {},
    })
    const accepted = allow.map((route) => ({ route, place: '"allow"' }))
    const lines = withoutAccepted(findings, accepted).map(findingLine)
    if (lines.length > 0) throw new AssertionError({ message: lines.join('\n'), stackStartFn: expectGuarded })
  } finally {
    await close()
  }
}

async function applicationIn(app: unknown): Promise<unknown> {
  if (typeof app !== 'function' || isExpress(app)) {
    // Those of other applications in this process.
    takeRoutersWithRoutes()
    return app
  }
  await prepareFrameworks(join(process.cwd(), 'package.json'))
  const made: unknown = await (app as () => unknown)()
  const isModule = typeof made === 'object' && made !== null && 'default' in made
  return isModule ? exportedApp(made) : made
}

/** @returns restores what was there */
function setEnvironment(variables: LocalEnv): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
