import { defineConfig } from 'tsup'

export default defineConfig([
  {
    entry: { index: 'src/index.ts', adapter: 'src/adapter/index.ts' },
    format: 'esm',
    dts: { entry: { index: 'src/index.ts', adapter: 'src/adapter/index.ts' } },
    external: [/^#/],
  },
  // On their own: a file shared with the others would be one more to resolve, which costs an import a millisecond.
  {
    entry: { 'signature.node': 'src/crypto/signature.node.ts', 'signature.web': 'src/crypto/signature.web.ts' },
    format: 'esm',
    splitting: false,
  },
])
