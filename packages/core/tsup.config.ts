import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/adapter.ts', 'src/signature.node.ts', 'src/signature.web.ts'],
  format: 'esm',
  dts: { entry: ['src/index.ts', 'src/adapter.ts'] },
  clean: true,
  external: [/^#/],
})
