import { createPrivateKey, createPublicKey, sign } from 'node:crypto'

/** Milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000

// The key of RFC 8037 appendix A.1. Keys and signatures are the same in every run, so that an input can be repeated.
const PRIVATE_JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}
const privateKey = createPrivateKey({ key: PRIVATE_JWK, format: 'jwk' })
export const JWK = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: 'key_1' }

const MACHINE = `mch_${'m'.repeat(27)}`
export const HERE = `mch_${'h'.repeat(27)}`
const TIMES = { iss: 'https://clerk.example.com', iat: SECONDS, nbf: SECONDS, exp: SECONDS + 60 }
const USER = { ...TIMES, sub: 'user_2a', azp: 'https://app.example.com' }
const ORGANIZATION = { id: 'org_1', rol: 'admin', per: 'read,write', fpm: '3' }
const PACKED = { v: 2, o: ORGANIZATION, fea: 'o:a,u:b', pla: 'o:pro', fva: [1, -1], act: { sub: 'user_2c' } }

/** Valid headers and claims of each kind. */
export const GOOD = [
  [{ typ: 'JWT' }, { ...USER, sid: 'sess_1' }],
  [{ cat: 'cl_B7d4PD111AAA' }, { ...USER, ...PACKED, sub: 'user_2b', sid: 'sess_2' }],
  [{ cat: 'cl_B7d4PD222AAA' }, USER],
  [{ typ: 'JWT' }, { ...TIMES, sub: MACHINE, scopes: HERE, jti: 'mt_1' }],
  [{ typ: 'at+jwt' }, { ...TIMES, sub: 'user_2d', client_id: 'client_1', scope: 'a b', jti: 'oat_1' }],
].map(([header, claims]) =>
  [JSON.stringify({ alg: 'EdDSA', kid: 'key_1', ...header }), JSON.stringify(claims)].join('\n'),
)

/**
 * The token of a header and claims, with a valid signature whatever they contain.
 *
 * @param {string} text bytes, as characters up to 255: the header, a line break, the claims
 */
export function signed(text) {
  const end = text.indexOf('\n')
  const input = [text.slice(0, Math.max(0, end)), text.slice(end + 1)]
    .map((part) => Buffer.from(part, 'latin1').toString('base64url'))
    .join('.')
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}
