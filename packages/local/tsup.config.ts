import { defineConfig } from 'tsup'

export default defineConfig([
  {
    // vitest cannot be required, so what it imports has no CommonJS output.
    entry: {
      index: 'src/index.ts',
      command: 'src/command-line/command.ts',
      host: 'src/routes/host.ts',
      vitest: 'src/vitest.ts',
    },
    format: 'esm',
    dts: { entry: ['src/index.ts', 'src/vitest.ts'] },
  },
  {
    entry: ['src/index.ts'],
    format: 'cjs',
    dts: true,
    // jose is ESM only and cannot be required: the CommonJS output carries it.
    noExternal: ['jose'],
    // By which the page is found. Not tsup's shim, which fails where a test has a `document`, as with jsdom.
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "'use strict'; const importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
  },
])
