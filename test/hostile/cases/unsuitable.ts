import { createHash } from 'node:crypto'
import type { Table } from '../attacks.js'
import { accepted, refused } from '../case.js'
import {
  byAttacker,
  ED448,
  eddsa,
  es256,
  es384,
  es512,
  KID,
  P256,
  P384,
  P521,
  ps256,
  RSA,
  rs256,
  rs512,
  signer,
  type KeyPair,
  type Signer,
} from '../keys.js'
import { CATEGORY, machine, oauth, session, USER } from '../token.js'
import { OTHER_ISSUER } from '../issuer.js'

/** A token that names one key and is signed with another. */
const under = (kid: string, alg: string, sign: Signer) => session({}, { kid, alg }, sign)
const ecdsa = (digest: string, pair: KeyPair) => signer(digest, pair, { dsaEncoding: 'ieee-p1363' })

/** By kind: a token, and routes that do not accept it. */
const KINDS = {
  'a session token': [session(), ['/machine/x', '/worker/x', '/oauth/x', '/cli/x', '/api-key/x', '/api-key-scope/x']],
  'a machine token': [machine(), ['/me', '/admin/x', '/oauth/x', '/cli/x', '/api-key/x']],
  'an OAuth token': [oauth(), ['/me', '/admin/x', '/machine/x', '/worker/x', '/api-key/x']],
  'a template token': [
    session({}, { cat: CATEGORY.template }),
    ['/me', '/admin/x', '/machine/x', '/oauth/x', '/api-key/x', '/any/x'],
  ],
  'an opaque machine token': ['mt_0123456789abcdefghij', ['/me', '/oauth/x', '/api-key/x']],
  'an opaque OAuth token': ['oat_0123456789abcdefghij', ['/me', '/machine/x', '/api-key/x']],
  'an API key': ['ak_0123456789abcdefghij', ['/me', '/machine/x', '/oauth/x']],
} as const satisfies Record<string, readonly [token: string, routes: readonly string[]]>

export const unsuitable = {
  'a key of another type': refused('jwk-unsuitable', {
    'RS256 by an EC key': under(KID.p256, 'RS256', rs256),
    'RS256 by an Ed25519 key': under(KID.ed25519, 'RS256', rs256),
    'PS256 by an EC key': under(KID.p256, 'PS256', ps256),
    'ES256 by an RSA key': under(KID.rsa, 'ES256', es256),
    'ES256 by an Ed25519 key': under(KID.ed25519, 'ES256', es256),
    'EdDSA by an EC key': under(KID.p256, 'EdDSA', eddsa),
    'EdDSA by an RSA key': under(KID.rsa, 'EdDSA', eddsa),
    'Ed25519 by an EC key': under(KID.p256, 'Ed25519', eddsa),
    'ES256 by an RSA key, signed by that key': under(KID.rsa, 'ES256', rs256),
    'RS256 by an EC key, signed by that key': under(KID.p256, 'RS256', es256),
  }),

  "an algorithm other than the key's": refused('jwk-unsuitable', {
    'RS256 by a key for RS512': under(KID.rs512, 'RS256', rs256),
    'RS384 by a key for RS512': under(KID.rs512, 'RS384', signer('sha384', RSA)),
    'RS512 by a key for PS256': under(KID.ps256, 'RS512', rs512),
    'PS256 by a key for RS512': under(KID.rs512, 'PS256', ps256),
  }).concat(
    accepted(
      { userId: USER },
      {
        'not: RS512 by a key for RS512': under(KID.rs512, 'RS512', rs512),
        'not: PS256 by a key for PS256': under(KID.ps256, 'PS256', ps256),
      },
    ),
  ),

  'the other RSA padding': [
    ...refused('token-invalid-signature', {
      'a PSS signature as RS256': under(KID.rsa, 'RS256', ps256),
      'a PKCS #1 signature as PS256': under(KID.ps256, 'PS256', rs256),
    }),
    ...refused('jwk-unsuitable', {
      'PS256 by a key that names no algorithm': under(KID.rsa, 'PS256', ps256),
      'RS256 by a key for PS256': under(KID.ps256, 'RS256', rs256),
    }),
  ],

  'a key on another curve': refused('jwk-unsuitable', {
    'ES256 by P-384': under(KID.p384, 'ES256', ecdsa('sha256', P384)),
    'ES256 by P-521': under(KID.p521, 'ES256', ecdsa('sha256', P521)),
    'ES384 by P-256': under(KID.p256, 'ES384', ecdsa('sha384', P256)),
    'ES384 by P-521': under(KID.p521, 'ES384', ecdsa('sha384', P521)),
    'ES512 by P-256': under(KID.p256, 'ES512', ecdsa('sha512', P256)),
    'ES512 by P-384': under(KID.p384, 'ES512', ecdsa('sha512', P384)),
    'ES256 by secp256k1': under(KID.secp256k1, 'ES256', es256),
  }).concat(
    accepted(
      { userId: USER },
      {
        'not: ES256 by P-256': under(KID.p256, 'ES256', es256),
        'not: ES384 by P-384': under(KID.p384, 'ES384', es384),
        'not: ES512 by P-521': under(KID.p521, 'ES512', es512),
      },
    ),
  ),

  'an unsupported Edwards curve': [
    ...refused('jwk-unsuitable', {
      Ed448: under(KID.ed448, 'EdDSA', signer(null, ED448)),
      X25519: under(KID.x25519, 'EdDSA', eddsa),
      'Ed25519 with a key of small order': under(KID.smallOrder, 'EdDSA', () =>
        Buffer.from([1, ...Array<number>(63).fill(0)]),
      ),
    }),
    ...refused('token-invalid-algorithm', { 'Ed448 by its own name': under(KID.ed448, 'Ed448', signer(null, ED448)) }),
    ...accepted(
      { userId: USER },
      {
        'not: EdDSA': under(KID.ed25519, 'EdDSA', eddsa),
        'not: Ed25519': under(KID.ed25519, 'Ed25519', eddsa),
      },
    ),
  ],

  "a digest other than the algorithm's": refused('token-invalid-signature', {
    'SHA-256 for ES384': under(KID.p384, 'ES384', ecdsa('sha256', P384)),
    'SHA-256 for ES512': under(KID.p521, 'ES512', ecdsa('sha256', P521)),
    'SHA-384 for ES256': under(KID.p256, 'ES256', ecdsa('sha384', P256)),
    'SHA-1 for ES256': under(KID.p256, 'ES256', ecdsa('sha1', P256)),
    'SHA-256 for RS512': under(KID.rsa, 'RS512', rs256),
    'SHA-512 for RS256': under(KID.rsa, 'RS256', rs512),
    'SHA-1 for RS256': under(KID.rsa, 'RS256', signer('sha1', RSA)),
    'MD5 for RS256': under(KID.rsa, 'RS256', signer('md5', RSA)),
    'SHA-512 before EdDSA': under(KID.ed25519, 'EdDSA', (input) => eddsa(createHash('sha512').update(input).digest())),
  }),

  'a token of another instance': [
    ...refused('token-invalid-signature', { 'whose key has our kid': session({}, {}, byAttacker) }),
    ...refused(
      'token-invalid-signature',
      { 'ours, at an API for the other instance': session() },
      { api: 'of another instance' },
    ),
    ...refused(
      'token-invalid-signature',
      { 'ours, after it was accepted here': session({ jti: 'ours' }) },
      { api: 'of another instance', after: session({ jti: 'ours' }), afterAt: 'default' },
    ),
    ...refused(
      'token-invalid-signature',
      { "the other instance's, after it was accepted there": session({ jti: 'theirs' }, {}, byAttacker) },
      { after: session({ jti: 'theirs' }, {}, byAttacker), afterAt: 'of another instance' },
    ),
    ...refused(
      'token-invalid-issuer',
      { 'with the same key': session({ jti: 'shared' }) },
      { api: 'of another issuer', after: session({ jti: 'shared' }), afterAt: 'default' },
    ),
    ...refused('token-invalid-issuer', { 'with the same key, at our API': session({ iss: OTHER_ISSUER }) }),
    ...accepted(
      { userId: USER },
      { 'not: at an API for its own instance': session({}, {}, byAttacker) },
      { api: 'of another instance' },
    ),
  ],

  'a kind of token that the route does not accept': Object.entries(KINDS).flatMap(([kind, [token, routes]]) =>
    routes.flatMap((to) => refused('token-type-mismatch', { [`${kind} at ${to}`]: token }, { to })),
  ),
} satisfies Partial<Table<'keys'>>
