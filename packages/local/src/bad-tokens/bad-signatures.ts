import type { BadJwt, Forge } from './forge.js'
import { base64url } from '../tokens/jws.js'

/** The contents of a good token with an invalid signature. */
export const BAD_SIGNATURES: readonly BadJwt[] = [
  [
    'signed by another instance',
    'jwk-kid-mismatch',
    ({ resign, stranger }) => resign({ header: { kid: stranger.kid } }, stranger),
  ],
  [
    'signed by another instance under our kid',
    'token-invalid-signature',
    ({ resign, stranger }) => resign({}, stranger),
  ],
  [
    'signed by a key that it embeds',
    'token-invalid-signature',
    ({ resign, stranger }) => resign({ header: { jwk: stranger.publicJwk } }, stranger),
  ],
  [
    'signed by a key that it links to',
    'token-invalid-signature',
    ({ resign, stranger, strangerKeysUrl }) => resign({ header: { jku: strangerKeysUrl } }, stranger),
  ],
  ['of an unknown kid', 'jwk-kid-mismatch', ({ resign }) => resign({ header: { kid: 'ins_unknown' } })],
  ['of a kid that is a path', 'jwk-kid-mismatch', ({ resign }) => resign({ header: { kid: '../../../dev/null' } })],
  ['of a kid that is a number', 'token-header-invalid', ({ resign }) => resign({ header: { kid: 1 } })],

  ['unsigned, of algorithm none', 'token-invalid-algorithm', ({ good, header }) => unsigned(good, header, 'none')],
  ['unsigned, of algorithm nOnE', 'token-invalid-algorithm', ({ good, header }) => unsigned(good, header, 'nOnE')],
  ['signed, of algorithm none', 'token-invalid-algorithm', ({ resign }) => resign({ header: { alg: 'none' } })],
  ['without an algorithm', 'token-invalid-algorithm', ({ resign }) => resign({ header: { alg: undefined } })],
  [
    'with an HMAC by our public key as PEM',
    'token-invalid-algorithm',
    ({ resignByHmac, ours }) => resignByHmac(ours.pem),
  ],
  [
    'with an HMAC by our public key as JWK',
    'token-invalid-algorithm',
    ({ resignByHmac, ours }) => resignByHmac(JSON.stringify(ours.publicJwk)),
  ],
  [
    'with an algorithm other than that of its key',
    'jwk-unsuitable',
    ({ resign, ours }) => resign({ header: { alg: ours.algorithm === 'ES256' ? 'RS256' : 'ES256' } }),
  ],

  ['without its signature', 'token-malformed', ({ good }) => withSignature(good, () => new Uint8Array())],
  [
    'with a signature cut short',
    'token-invalid-signature',
    ({ good }) => withSignature(good, (it) => it.subarray(0, -1)),
  ],
  [
    'with a signature too long',
    'token-invalid-signature',
    ({ good }) => withSignature(good, (it) => new Uint8Array([...it, 0])),
  ],
  [
    'with zeros as its signature',
    'token-invalid-signature',
    ({ good }) => withSignature(good, (it) => new Uint8Array(it.length)),
  ],
  ['with the signature of another token', 'token-invalid-signature', withSignatureOfAnother],
  [
    'with a changed payload',
    'token-invalid-signature',
    ({ good, claims }) => withPart(good, 1, JSON.stringify({ ...claims, exp: Number(claims['exp']) + 1 })),
  ],
  [
    'with a changed header',
    'token-invalid-signature',
    ({ good, header }) => withPart(good, 0, JSON.stringify({ ...header, changed: true })),
  ],
  ['with header and payload swapped', 'token-invalid-algorithm', swapped],
]

function unsigned(good: string, header: object, alg: string): string {
  return withSignature(withPart(good, 0, JSON.stringify({ ...header, alg })), () => new Uint8Array())
}

function withSignature(token: string, change: (signature: Uint8Array) => Uint8Array): string {
  const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url')
  return withPart(token, 2, change(signature))
}

function withPart(token: string, index: number, content: string | Uint8Array): string {
  return token.split('.').with(index, base64url(content)).join('.')
}

async function withSignatureOfAnother({ good, resign, claims }: Forge): Promise<string> {
  const another = await resign({ claims: { exp: Number(claims['exp']) + 1 } })
  return withSignature(good, () => Buffer.from(another.split('.')[2] ?? '', 'base64url'))
}

function swapped({ good }: Forge): string {
  const [header, payload, signature] = good.split('.')
  return [payload, header, signature].join('.')
}
