import { defineConfig } from 'vitest/config'

const source = (path: string) => new URL(`./packages/${path}`, import.meta.url).pathname

export default defineConfig({
  resolve: {
    // The sources, so that a test runs what was just written and not what was last built.
    alias: [
      { find: '#signature', replacement: source('core/src/crypto/signature.node.ts') },
      { find: '@clerk-auth/core/adapter', replacement: source('core/src/adapter.ts') },
      { find: '@clerk-auth/local/vitest', replacement: source('local/src/vitest.ts') },
      { find: /^@clerk-auth\/(core|express|fastify|hono|local)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.js'],
    testTimeout: 20_000,
  },
})
