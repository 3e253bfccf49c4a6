import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { files, pathOf, root } from './pages.js'

export const repository = 'https://github.com/clerk-auth/clerk-auth'

/**
 * Copies the pages into one folder, because VitePress resolves packages from the folder of its pages, and rewrites their
 * links, which are those of the repository.
 */
export function copyPages(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  for (const file of files) {
    const copy = join(folder, pathOf(file))
    mkdirSync(dirname(copy), { recursive: true })
    writeFileSync(copy, withSiteLinks(file, folder))
  }
}

function withSiteLinks(file: string, folder: string): string {
  const parts = readFileSync(join(root, file), 'utf8').split(/(^ *```[\s\S]*?^ *```$)/m)
  return parts
    .map((part, i) => {
      const isCode = i % 2 === 1
      return isCode
        ? part
        : part.replace(/\]\(([^)\s]+)\)/g, (_, target: string) => `](${linkFrom(file, target, folder)})`)
    })
    .join('')
}

/** Links lead to the page of the site, or to GitHub if the file is not a page. */
function linkFrom(file: string, target: string, folder: string): string {
  const onGitHub = `${repository}/blob/main/`
  if (/^[a-z]+:|^#/.test(target) && !target.startsWith(onGitHub)) return target
  const [path = '', anchor] = target.replace(onGitHub, '/').split('#')
  const linked = path.startsWith('/') ? path.slice(1) : normalize(join(dirname(file), path))
  if (!existsSync(join(root, linked))) throw new Error(`${file} has a link to ${linked}, which does not exist`)
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (files.includes(linked)) return `/${pathOf(linked)}${hash}`
  if (!linked.endsWith('.svg')) return onGitHub + linked + hash
  const copy = join(folder, 'public', linked)
  mkdirSync(dirname(copy), { recursive: true })
  copyFileSync(join(root, linked), copy)
  return `/${linked}`
}
