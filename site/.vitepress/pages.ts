import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

export const root = join(import.meta.dirname, '../..')

/** The order of the pages in the sidebar. A page that does not exist is left out; one that is missing here comes last. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Start: ['README', 'docs/quick-start', 'docs/which-key', 'docs/offline', 'docs/migration'],
  'Frameworks and runtimes': [
    'packages/express/README',
    'packages/fastify/README',
    'packages/hono/README',
    'docs/nestjs',
    'packages/nestjs/README',
    'docs/integrations',
    'packages/core/README',
    'docs/runtimes',
    'docs/workers',
    'docs/lambda',
  ],
  Guides: [
    'docs/guards',
    'docs/machines',
    'docs/cookies',
    'docs/webhooks',
    'docs/testing',
    'docs/routes',
    'packages/local/README',
    'docs/compose',
    'docs/mcp',
    'docs/openapi',
  ],
  Production: [
    'docs/production',
    'docs/configuration',
    'docs/outages',
    'docs/keys-and-caches',
    'docs/fleet',
    'packages/redis/README',
    'docs/observability',
    'docs/performance',
    'bench/README',
  ],
  Reference: [
    'docs/refusals',
    'docs/reference/error-codes',
    'docs/reference/options',
    'docs/reference/requirements',
    'docs/reference/auth-objects',
    'docs/reference/events',
  ],
  Project: ['docs/threat-model', 'docs/differences', 'docs/architecture', 'CONTRIBUTING', 'SECURITY'],
}

/** Titles that say more in a list than the first heading of the page. */
const TITLES: Readonly<Record<string, string>> = {
  README: 'Introduction',
  'bench/README': 'Benchmarks',
  'docs/machines': 'Machines, OAuth, API keys',
  'docs/threat-model': 'Security model',
  'docs/refusals': 'Errors and refusals',
  'docs/routes': 'Every route guarded',
  'docs/reference/events': 'Events',
}

/** The files that are pages of the site, as paths from the root of the repository. */
export const files: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/reference'),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((file) => existsSync(join(root, file)))

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
}

/** The path of a page on the site: `docs/guards.md` becomes `guards.md`. */
export function pathOf(file: string): string {
  if (file === 'README.md') return 'index.md'
  return file.replace(/^docs\//, '').replace(/\/README\.md$/, '.md')
}

export function titleOf(file: string): string {
  const heading = /^# (.*)/m.exec(readFileSync(join(root, file), 'utf8'))?.[1]
  return TITLES[nameOf(file)] ?? heading ?? nameOf(file)
}

/** The pages by group, in order. */
export const groups: readonly { readonly title: string; readonly files: readonly string[] }[] = [
  ...Object.entries(GROUPS).map(([title, names]) => ({
    title,
    files: names.map((name) => `${name}.md`).filter((file) => files.includes(file)),
  })),
  { title: 'More', files: files.filter((file) => !Object.values(GROUPS).flat().includes(nameOf(file))) },
].filter((group) => group.files.length > 0)

export const sidebar: DefaultTheme.SidebarItem[] = groups.map((group) => ({
  text: group.title,
  items: group.files.map((file) => ({
    text: titleOf(file),
    link: `/${pathOf(file).replace(/(^|\/)index\.md$|\.md$/, '$1')}`,
  })),
}))

function nameOf(file: string): string {
  return file.replace(/\.md$/, '')
}
