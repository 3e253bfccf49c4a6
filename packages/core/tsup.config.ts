import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    adapter: 'src/adapter.ts',
    'signature.node': 'src/crypto/signature.node.ts',
    'signature.web': 'src/crypto/signature.web.ts',
  },
  format: 'esm',
  dts: { entry: ['src/index.ts', 'src/adapter.ts'] },
  clean: true,
  external: [/^#/],
})
