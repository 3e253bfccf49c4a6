import { defineConfig } from 'tsup'

export default defineConfig([
  { entry: ['src/index.ts', 'src/command.ts'], format: 'esm', dts: { entry: 'src/index.ts' } },
  {
    entry: ['src/index.ts'],
    format: 'cjs',
    dts: true,
    // jose is ESM only and cannot be required: the CommonJS output carries it.
    noExternal: ['jose'],
  },
])
