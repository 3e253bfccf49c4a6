import { defineConfig } from 'tsup'

export default defineConfig([
  {
    // vitest cannot be required, so what it imports has no CommonJS output.
    entry: ['src/index.ts', 'src/command.ts', 'src/vitest.ts'],
    format: 'esm',
    dts: { entry: ['src/index.ts', 'src/vitest.ts'] },
  },
  {
    entry: ['src/index.ts'],
    format: 'cjs',
    dts: true,
    // jose is ESM only and cannot be required: the CommonJS output carries it.
    noExternal: ['jose'],
  },
])
