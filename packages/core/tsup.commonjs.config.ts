import { defineConfig } from 'tsup'

// Bundled on their own, the two entry points would have an `AuthError` class each. esbuild shares code between entry
// points for ES modules only, so those are converted, file by file.
export default defineConfig({
  entry: ['dist/*.js'],
  format: 'cjs',
  dts: {
    entry: {
      index: 'src/index.ts',
      adapter: 'src/adapter/index.ts',
      shared: 'src/shared/index.ts',
      openapi: 'src/openapi/index.ts',
      otel: 'src/otel/index.ts',
      webhooks: 'src/webhooks/index.ts',
      mcp: 'src/mcp/index.ts',
    },
  },
  external: [/^#/],
  esbuildPlugins: [
    {
      name: 'keep shared chunks',
      setup(build) {
        build.onResolve({ filter: /^\.\/.*\.js$/ }, ({ path, kind }) =>
          kind === 'entry-point' ? undefined : { path: path.replace(/\.js$/, '.cjs'), external: true },
        )
      },
    },
  ],
})
