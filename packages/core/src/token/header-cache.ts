import { decodeHeader, type JoseHeader, type UnverifiedJws } from './jws.js'

/** Remembers the headers of verified tokens: all tokens of one kind and key have the same. */
export interface RememberedHeaders {
  readonly decode: (encodedHeader: string) => JoseHeader
  /** @param jws one whose signature has been verified: made-up headers must not take up memory */
  readonly remember: (jws: UnverifiedJws) => void
}

const MAX_HEADERS = 100

export function rememberedHeaders(): RememberedHeaders {
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
