import { vi } from 'vitest'

/** Core with one of its two implementations of signatures. The package's "imports" choose between them. */
async function coreOn(signature: () => Promise<object>) {
  vi.resetModules()
  vi.doMock('#signature', signature)
  const [{ createClerkAuth }, { splitJws, decodePayload }, { importJwk }, { importKeySet, keyOf }] = await Promise.all([
    import('../../packages/core/src/clerk-auth.js'),
    import('../../packages/core/src/token/jws.js'),
    import('../../packages/core/src/keys/jwk.js'),
    import('../../packages/core/src/keys/jwks.js'),
  ])
  vi.doUnmock('#signature')
  return { createClerkAuth, splitJws, decodePayload, importJwk, importKeySet, keyOf }
}

export type Core = Awaited<ReturnType<typeof coreOn>>

export const node = await coreOn(() => import('../../packages/core/src/crypto/signature.node.js'))
export const web = await coreOn(() => import('../../packages/core/src/crypto/signature.web.js'))

/** The result of the same question with each implementation. */
export interface Both<T> {
  readonly node: T
  readonly web: T
}

export async function onBoth<T>(ask: (core: Core) => T): Promise<Both<Awaited<T>>> {
  return { node: await ask(node), web: await ask(web) }
}

export function both<T>(value: T): Both<T> {
  return { node: value, web: value }
}
