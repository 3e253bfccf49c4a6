import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/command.ts'],
  format: ['esm', 'cjs'],
  dts: { entry: ['src/index.ts'] },
  clean: true,
  // jose is ESM only and cannot be required: the CommonJS output carries it.
  noExternal: ['jose'],
})
