import { decodeHeader, type JoseHeader, type UnverifiedJws } from './jws.js'

/** Caches the decoded headers of verified tokens: tokens of the same kind and key share one header. */
export interface HeaderCache {
  readonly decode: (encodedHeader: string) => JoseHeader
  /** @param jws verified, so that made-up headers take no memory */
  readonly remember: (jws: UnverifiedJws) => void
}

const MAX_HEADERS = 100

export function headerCache(): HeaderCache {
  const headers = new Map<string, JoseHeader>()
  return {
    decode: (encodedHeader) => headers.get(encodedHeader) ?? decodeHeader(encodedHeader),
    remember: ({ encodedHeader, header }) => {
      if (headers.has(encodedHeader)) return
      if (headers.size >= MAX_HEADERS) headers.clear()
      headers.set(encodedHeader, header)
    },
  }
}
