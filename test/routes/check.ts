import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@clerk-auth/core'
import { startLocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, vi } from 'vitest'
import { checkRoutes } from '../../packages/local/src/routes/check-routes.js'
import type { Core } from '../../packages/local/src/routes/core.js'
import { findingLine } from '../../packages/local/src/routes/finding.js'
import { listApp, prepareFrameworks } from '../../packages/local/src/routes/list-app.js'
import { matrixPage } from '../../packages/local/src/routes/matrix.js'
import { NO_VALUES } from '../../packages/local/src/routes/params-file.js'
import { changesSince, readSnapshot } from '../../packages/local/src/routes/snapshot.js'

const require = createRequire(import.meta.url)

let local: Awaited<ReturnType<typeof startLocalClerk>>
let express4: string

/** Prepares this process as the command prepares its own, for applications on any version of the frameworks. */
export function prepareProcess(): void {
  beforeAll(async () => {
    local = await startLocalClerk()
    for (const [name, value] of Object.entries(local.env)) vi.stubEnv(name, value)
    express4 = await projectWithExpress4()
    await prepareFrameworks(import.meta.filename)
    await prepareFrameworks(join(express4, 'app.js'))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await local.close()
    await rm(express4, { recursive: true })
  })
}

/** A folder in which `express` is version 4. */
async function projectWithExpress4(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clerk-auth-routes-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(require.resolve('express4/package.json'), '..'), join(folder, 'node_modules/express'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

/** Checks an application in this process, with the code that the command runs. Returns the lines of the findings. */
export async function findingsIn(app: unknown, snapshot?: string): Promise<readonly string[]> {
  const { findings, matrix } = await check(app)
  const changes = snapshot === undefined ? [] : changesSince(readSnapshot(snapshot), matrix)
  return [...findings, ...changes].map(findingLine)
}

export async function snapshotOf(app: unknown): Promise<string> {
  const { matrix } = await check(app)
  return matrixPage(matrix)
}

async function check(app: unknown): ReturnType<typeof checkRoutes> {
  const { listing, url, close } = await listApp(await app)
  try {
    return await checkRoutes({
      listing,
      url,
      local,
      core: core as unknown as Core,
      personas: {},
      azp: undefined,
      values: NO_VALUES,
      timeoutInMs: 10_000,
      callsHandlers: false,
      progress: () => {},
    })
  } finally {
    await close()
  }
}
