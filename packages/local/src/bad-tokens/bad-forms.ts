import type { BadJwt, Forge } from './forge.js'
import { base64url, signInput } from '../tokens/jws.js'

/** Correctly signed where there is a signature, but in a form that no token has. */
export const BAD_FORMS: readonly BadJwt[] = [
  ['cut off', 'token-malformed', ({ good }) => good.slice(0, good.lastIndexOf('.') - 8)],
  ['of two parts', 'token-malformed', ({ good }) => good.split('.').slice(0, 2).join('.')],
  ['of five parts', 'token-malformed', ({ good }) => `${good}.AAAA.AAAA`],
  ['with padding', 'token-malformed', ({ good }) => `${good}==`],
  ['with a space in it', 'credentials-malformed', ({ good }) => good.replace('.', '. ')],
  ['in the alphabet of base64', 'token-malformed', inBase64],
  ['with spare bits set', 'token-malformed', withSpareBits],
  ['as JSON', 'token-malformed', asJson],
  ['too large', 'token-too-large', ({ resign }) => resign({ claims: { large: 'x'.repeat(6500) } })],
  ['nested too deep', 'token-malformed', ({ resign }) => resign({ claims: { deep: nested(40) } })],
  ['that is not UTF-8', 'token-malformed', notUtf8],
  [
    'with half a surrogate pair',
    'token-malformed',
    ({ resignRaw, claims }) => resignRaw({ payload: withMember(claims, '"half":"\\ud800"') }),
  ],
  [
    'with a list as its payload',
    'token-malformed',
    ({ resignRaw, claims }) => resignRaw({ payload: JSON.stringify([claims]) }),
  ],
  ['with a payload that is not JSON', 'token-malformed', ({ resignRaw }) => resignRaw({ payload: 'sub=alice' })],
  [
    'with a duplicate claim',
    'token-claim-invalid',
    ({ resignRaw, claims }) => resignRaw({ payload: withMember(claims, `"exp":${String(claims['exp'])}`) }),
  ],
  [
    'with a duplicate header parameter',
    'token-header-invalid',
    ({ resignRaw, header }) => resignRaw({ header: withMember(header, `"alg":${JSON.stringify(header['alg'])}`) }),
  ],
  [
    'with a list as its header',
    'token-header-invalid',
    ({ resignRaw, header }) => resignRaw({ header: JSON.stringify([header]) }),
  ],
  ['with a critical extension', 'token-critical-header', ({ resign }) => resign({ header: { crit: ['exp'], exp: 1 } })],
  // RFC 7797: a verifier that supports it would read the payload without decoding it.
  ['with an unencoded payload', 'token-critical-header', ({ resign }) => resign({ header: { b64: false } })],
  ['with an encryption parameter', 'token-header-invalid', ({ resign }) => resign({ header: { enc: 'A256GCM' } })],
  ['with the type of a DPoP proof', 'token-type-mismatch', ({ resign }) => resign({ header: { typ: 'dpop+jwt' } })],
]

/**
 * Of three consecutive question marks, one encodes to an underscore. The signature needs such a character too, because
 * an API decodes it first, and must refuse it for its encoding and not as invalid.
 */
async function inBase64({ resign }: Forge): Promise<string> {
  for (let odd = '???'; ; odd += '?') {
    const token = await resign({ claims: { odd } })
    if (/[-_][^.]*$/.test(token)) return token.replaceAll('-', '+').replaceAll('_', '/')
  }
}

/** Pads the claims with spaces until the last base64url character has unused bits, and sets one of them. */
async function withSpareBits({ header, claims, ours }: Forge): Promise<string> {
  const json = JSON.stringify(claims)
  const payload = base64url(json + ' '.repeat((4 - (Buffer.byteLength(json) % 3)) % 3))
  // The last character has four unused bits, which are zero in "A", "Q", "g" and "w".
  const odd = payload.slice(0, -1) + String.fromCharCode(payload.charCodeAt(payload.length - 1) + 1)
  return signInput(`${base64url(JSON.stringify(header))}.${odd}`, ours)
}

/** RFC 7515 section 7.2.2. */
function asJson({ good }: Forge): string {
  const [header, payload, signature] = good.split('.')
  return JSON.stringify({ protected: header, payload, signature })
}

function notUtf8({ resignRaw, claims }: Forge): Promise<string> {
  const [start = '', end = ''] = withMember(claims, '"odd":"|"').split('|')
  return resignRaw({ payload: Buffer.concat([Buffer.from(start), Buffer.from([0xff]), Buffer.from(end)]) })
}

function nested(depth: number): unknown {
  return depth === 0 ? 'deep' : [nested(depth - 1)]
}

/** JSON of an object with one more member, which may have a duplicate name. */
function withMember(members: object, member: string): string {
  return JSON.stringify(members).replace(/\}$/, `,${member}}`)
}
