import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

const all = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.js']

/** Files that replace or count something global, or load a library that keeps state of its own. */
const isolated = [
  'packages/core/test/{clerk-auth,events,local-issuer,options,remote-keys}.test.ts',
  'packages/local/test/official-*.test.ts',
  'packages/local/test/webhooks*.test.ts',
  'test/{bench,machine-client}.test.ts',
  'test/{caches,faulty-issuers,fleet/model,migration,routes,same-as-clerk,vectors}/**/*.test.ts',
]

const hostile = ['test/hostile/**/*.test.ts']

const source = (path: string) => new URL(`./packages/${path}`, import.meta.url).pathname

export default defineConfig({
  resolve: {
    // The sources, so that a test runs what was just written and not what was last built.
    alias: [
      { find: '#signature', replacement: source('core/src/crypto/signature.node.ts') },
      { find: '@clerk-auth/core/adapter', replacement: source('core/src/adapter/index.ts') },
      { find: '@clerk-auth/core/shared', replacement: source('core/src/shared/index.ts') },
      { find: '@clerk-auth/core/openapi', replacement: source('core/src/openapi/index.ts') },
      { find: '@clerk-auth/core/otel', replacement: source('core/src/otel/index.ts') },
      { find: '@clerk-auth/core/webhooks', replacement: source('core/src/webhooks/index.ts') },
      { find: '@clerk-auth/core/mcp', replacement: source('core/src/mcp/index.ts') },
      { find: /^@clerk-auth\/(express|fastify|hono)\/(mcp|openapi|webhooks)$/, replacement: source('$1/src/$2.ts') },
      { find: '@clerk-auth/local/testing', replacement: source('local/src/routes/expect-guarded.ts') },
      { find: '@clerk-auth/local/vitest', replacement: source('local/src/vitest.ts') },
      { find: /^@clerk-auth\/(core|express|fastify|hono|local|nestjs|redis)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    testTimeout: 20_000,
    maxWorkers: availableParallelism(),
    setupFiles: ['packages/local/test/backend-api/check-every-answer.ts'],
    projects: [
      { extends: true, test: { name: 'isolated', include: isolated } },
      // In workers of their own, because they watch what the process sends.
      { extends: true, test: { name: 'hostile', include: hostile, isolate: false } },
      // The modules are loaded once for all files of a worker: half the time of the whole run.
      {
        extends: true,
        test: {
          name: 'shared',
          include: all,
          exclude: [...configDefaults.exclude, ...isolated, ...hostile],
          isolate: false,
        },
      },
    ],
  },
})
