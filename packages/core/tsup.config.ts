import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    adapter: 'src/adapter/index.ts',
    shared: 'src/shared/index.ts',
    otel: 'src/otel/index.ts',
    'signature.node': 'src/crypto/signature.node.ts',
    'signature.web': 'src/crypto/signature.web.ts',
  },
  format: 'esm',
  dts: {
    entry: {
      index: 'src/index.ts',
      adapter: 'src/adapter/index.ts',
      shared: 'src/shared/index.ts',
      otel: 'src/otel/index.ts',
    },
  },
  clean: true,
  external: [/^#/],
})
