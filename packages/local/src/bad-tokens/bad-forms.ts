import type { BadJwt, Forge } from './forge.js'
import { base64url, signInput } from '../tokens/jws.js'

/** Truly signed wherever something is signed at all, in a form that no token has. */
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
  ['with a payload that is no JSON', 'token-malformed', ({ resignRaw }) => resignRaw({ payload: 'sub=alice' })],
  [
    'with a claim twice',
    'token-claim-invalid',
    ({ resignRaw, claims }) => resignRaw({ payload: withMember(claims, `"exp":${String(claims['exp'])}`) }),
  ],
  [
    'with a header parameter twice',
    'token-header-invalid',
    ({ resignRaw, header }) => resignRaw({ header: withMember(header, `"alg":${JSON.stringify(header['alg'])}`) }),
  ],
  [
    'with a list as its header',
    'token-header-invalid',
    ({ resignRaw, header }) => resignRaw({ header: JSON.stringify([header]) }),
  ],
  ['with a critical extension', 'token-critical-header', ({ resign }) => resign({ header: { crit: ['exp'], exp: 1 } })],
  // RFC 7797: a verifier that heeded it would read the payload as it stands.
  ['with an unencoded payload', 'token-critical-header', ({ resign }) => resign({ header: { b64: false } })],
  ['with a parameter of encryption', 'token-header-invalid', ({ resign }) => resign({ header: { enc: 'A256GCM' } })],
  ['of the type of a DPoP proof', 'token-type-mismatch', ({ resign }) => resign({ header: { typ: 'dpop+jwt' } })],
]

/**
 * Of any three question marks that follow one another, one gives an underscore. The signature has a character of the
 * other alphabet as well: an API decodes it first, and refuses it for its form and not because it does not fit.
 */
async function inBase64({ resign }: Forge): Promise<string> {
  for (let odd = '???'; ; odd += '?') {
    const token = await resign({ claims: { odd } })
    if (/[-_][^.]*$/.test(token)) return token.replaceAll('-', '+').replaceAll('_', '/')
  }
}

/** White space behind the claims until the last character of their encoding has bits to spare, and one of them set. */
async function withSpareBits({ header, claims, ours }: Forge): Promise<string> {
  const json = JSON.stringify(claims)
  const payload = base64url(json + ' '.repeat((4 - (Buffer.byteLength(json) % 3)) % 3))
  // Four bits of the last character are spare, and those of "A", "Q", "g" and "w" are zero.
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

/** JSON of an object with one more member, which may have the name of another. */
function withMember(members: object, member: string): string {
  return JSON.stringify(members).replace(/\}$/, `,${member}}`)
}
