import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/adapter.ts', 'src/crypto/signature.node.ts', 'src/crypto/signature.web.ts'],
  format: 'esm',
  dts: { entry: ['src/index.ts', 'src/adapter.ts'] },
  clean: true,
  external: [/^#/],
})
