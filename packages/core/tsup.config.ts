import { defineConfig } from 'tsup'

const entry = {
  index: 'src/index.ts',
  adapter: 'src/adapter/index.ts',
  shared: 'src/shared/index.ts',
  openapi: 'src/openapi/index.ts',
  otel: 'src/otel/index.ts',
  webhooks: 'src/webhooks/index.ts',
  mcp: 'src/mcp/index.ts',
}

export default defineConfig([
  {
    entry,
    format: 'esm',
    dts: { entry },
    external: [/^#/],
  },
  // On their own: a file shared with the others would be one more to resolve, which costs an import a millisecond.
  {
    entry: { 'signature.node': 'src/crypto/signature.node.ts', 'signature.web': 'src/crypto/signature.web.ts' },
    format: 'esm',
    splitting: false,
  },
])
