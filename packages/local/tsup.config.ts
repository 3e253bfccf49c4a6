import { defineConfig } from 'tsup'

export default defineConfig([
  {
    // vitest cannot be required, so what it imports has no CommonJS output.
    entry: {
      index: 'src/index.ts',
      testing: 'src/routes/expect-guarded.ts',
      vitest: 'src/vitest.ts',
      command: 'src/command-line/command.ts',
      host: 'src/routes/host.ts',
    },
    format: 'esm',
    dts: { entry: { index: 'src/index.ts', testing: 'src/routes/expect-guarded.ts', vitest: 'src/vitest.ts' } },
  },
  {
    entry: { index: 'src/index.ts', testing: 'src/routes/expect-guarded.ts' },
    format: 'cjs',
    dts: true,
    // jose is ESM only and cannot be required: the CommonJS output carries it.
    noExternal: ['jose'],
    // By which the page is found. Not tsup's shim, which fails where a test has a `document`, as with jsdom.
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "'use strict'; const importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
    esbuildPlugins: [
      {
        // esbuild shares code between entry points for ES modules only.
        name: 'one copy of the instance',
        setup(build) {
          build.onResolve({ filter: /\/start-local-clerk\.js$/ }, ({ importer }) =>
            importer.endsWith('expect-guarded.ts') ? { path: './index.cjs', external: true } : undefined,
          )
        },
      },
    ],
  },
])
