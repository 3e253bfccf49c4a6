import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PACKAGES, root } from './packed/packages.js'
import { readJson } from './packed/run.js'

interface Workflow {
  readonly permissions: Record<string, string>
  readonly jobs: Record<string, Job>
}
interface Job {
  readonly permissions: Record<string, string>
  readonly environment?: string
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}

const folder = resolve(root, '.github/workflows')
const files = readdirSync(folder)
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8')
const workflowOf = (file: string) => parse(textOf(file)) as Workflow

describe.each(files)('the workflow %s', (file) => {
  it('pins each action to a commit, with its version in a comment', () => {
    const uses = textOf(file).match(/^.*\buses:.*$/gm) ?? []
    expect(uses.length).toBeGreaterThan(0)
    expect(uses.filter((line) => !/ uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })

  it('has no permissions but those of its jobs', () => {
    const { permissions, jobs } = workflowOf(file)
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) expect(Object.keys(job.permissions).length).toBeGreaterThan(0)
  })

  it('uses no secret', () => {
    expect(textOf(file)).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN/)
  })
})

describe('a release', () => {
  const { version, publish, tag } = workflowOf('release.yml').jobs

  it('is published by a job that npm trusts, and that cannot write to the repository', () => {
    expect(publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    expect(publish?.environment).toBe('npm')
    expect(publish?.steps.map(({ run }) => run)).toContain('npm run release:publish')
  })

  it('is prepared and tagged by jobs that cannot publish', () => {
    expect(version?.permissions).toEqual({ contents: 'write', 'pull-requests': 'write' })
    expect(tag?.permissions).toEqual({ contents: 'write' })
  })
})

describe.each(PACKAGES)('the package %s', (name) => {
  const manifest = readJson(join(root, 'packages', name, 'package.json')) as {
    version: string
    repository: object
    publishConfig: object
  }

  it('is published with provenance, which requires its repository', () => {
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true })
    expect(manifest.repository).toEqual({
      type: 'git',
      url: 'git+https://github.com/clerk-auth/clerk-auth.git',
      directory: `packages/${name}`,
    })
  })

  it('has a changelog whose newest entry is its version', () => {
    const changelog = readFileSync(join(root, 'packages', name, 'CHANGELOG.md'), 'utf8')
    expect(/^## (.*)$/m.exec(changelog)?.[1]).toBe(manifest.version)
  })
})
