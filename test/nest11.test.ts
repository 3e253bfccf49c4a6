import { execFile } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// `.ci/run` installs NestJS 11; without it, these tests are skipped. `npm test` builds first.
const here = join(import.meta.dirname, 'nest11')
const isInstalled = existsSync(join(here, 'node_modules/@nestjs'))

describe.runIf(isInstalled || process.env['CI'])('NestJS 11 in CommonJS, under Jest', () => {
  let local: LocalClerk
  beforeAll(async () => {
    local = await startLocalClerk()
    // Copies, because a link would load the NestJS of this repository.
    for (const name of ['core', 'nestjs']) {
      const copy = join(here, 'node_modules/@clerk-auth', name)
      rmSync(copy, { recursive: true, force: true })
      for (const part of ['dist', 'package.json'])
        cpSync(resolve(here, '../../packages', name, part), join(copy, part), { recursive: true })
    }
  })
  afterAll(() => local.close())

  it.each([
    ['guards HTTP routes on both platforms', 'app.spec.ts', 7],
    ['guards the fields of a GraphQL schema', 'graphql.spec.ts', 3],
    ['proves that every route is guarded', 'routes.spec.ts', 2],
  ])('%s', { timeout: 120_000 }, async (_what, file, count) => {
    const tokens = {
      TEST_ISSUER: local.url,
      TEST_ALICE: await local.sessionToken({ user: 'alice' }),
      TEST_BOB: await local.sessionToken({ user: 'bob' }),
    }
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(CLERK|VITEST|NODE_ENV)/.test(name)),
    )
    const jest = join(here, 'node_modules/jest/bin/jest.js')
    const { stdout } = await promisify(execFile)(process.execPath, [jest, '--ci', '--json', file], {
      cwd: here,
      env: { ...env, ...tokens },
    }).catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`, { cause: error })
    })
    expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: count, numFailedTests: 0 })
  })
})
