import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { files, groups, pathOf, root, titleOf } from './pages.js'

/** Writes llms.txt (https://llmstxt.org), and each page as Markdown beside its HTML. */
export function writeLlmsTxt(pages: string, outDir: string): void {
  for (const path of files.map(pathOf)) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true })
    copyFileSync(join(pages, path), join(outDir, path))
  }
  const sections = groups.map((group) => `## ${group.title}\n\n${group.files.map(entryOf).join('\n')}`)
  writeFileSync(join(outDir, 'llms.txt'), `# clerk-auth\n\n> ${summaryOf('README.md')}\n\n${sections.join('\n\n')}\n`)
}

const entryOf = (file: string) => `- [${titleOf(file)}](/${pathOf(file)}): ${summaryOf(file)}`

/** The first sentence of a page, without links and emphasis. */
function summaryOf(file: string): string {
  const paragraphs = readFileSync(join(root, file), 'utf8').split(/\n{2,}/)
  const first = paragraphs.find((paragraph) => /^(?!An independent project)[A-Z`*]/.test(paragraph)) ?? ''
  const plain = first.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '')
  return (/^.*?\.(?=\s|$)/.exec(plain)?.[0] ?? plain).replace(/:$/, '.')
}
