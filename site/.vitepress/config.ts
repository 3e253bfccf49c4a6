import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { copyPages, repository } from './copy-pages.js'
import { writeLlmsTxt } from './llms.js'
import { sidebar } from './pages.js'

const pages = join(import.meta.dirname, '../pages')
copyPages(pages)

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
  <rect width="16" height="16" rx="3" fill="#3451b2"/>
  <path d="M4 8.5l2.8 2.8L12 5.5" fill="none" stroke="#fff" stroke-width="2"/>
</svg>`

const hasWideTables = (path: string) =>
  /^(reference\/.*|differences|refusals|migration|configuration|machines|observability|bench)\.md$/.test(path)

export default defineConfig({
  srcDir: 'pages',
  outDir: 'dist',
  title: 'clerk-auth',
  description:
    'Authenticates HTTP API requests that carry Clerk credentials: Express, Fastify, Hono, NestJS, or no framework.',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  transformPageData: (page) => (hasWideTables(page.relativePath) ? { frontmatter: { aside: false } } : undefined),
  markdown: {
    // Vue must not evaluate `{{…}}`, which JWT templates contain.
    config: ({ utils, renderer }) => {
      renderer.rules.code_inline = (tokens, i) => `<code v-pre>${utils.escapeHtml(tokens[i]?.content ?? '')}</code>`
    },
  },
  themeConfig: {
    nav: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Guards', link: '/guards' },
      { text: 'Migration', link: '/migration' },
      { text: 'Reference', link: '/reference/options' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    notFound: { title: 'Page not found', quote: 'There is no page at this address.', linkText: 'Start page' },
    footer: { message: 'An independent project, not made or endorsed by Clerk. MIT licensed.' },
  },
  buildEnd: ({ outDir }) => writeLlmsTxt(pages, outDir),
})
