import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { copyPages, repository } from './copy-pages.js'
import { writeLlmsTxt } from './llms.js'
import { sidebar } from './pages.js'

const pages = join(import.meta.dirname, '../pages')
copyPages(pages)

export default defineConfig({
  srcDir: 'pages',
  outDir: 'dist',
  title: 'clerk-auth',
  description: 'Authenticates HTTP API requests that carry Clerk credentials: Express, Fastify, Hono, or no framework.',
  cleanUrls: true,
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
    footer: { message: 'An independent project, not made or endorsed by Clerk. MIT licensed.' },
  },
  buildEnd: ({ outDir }) => writeLlmsTxt(pages, outDir),
})
