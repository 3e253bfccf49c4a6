import type { BadJwt } from './forge.js'
import { CATEGORIES, type JwtKind } from '../tokens/token-kind.js'

const MACHINE = `mch_${'0'.repeat(27)}`

const ofUnknownCategory: BadJwt = [
  'of an unknown category',
  'token-type-mismatch',
  ({ resign }) => resign({ header: { cat: 'cl_B7d4PD999AAA' } }),
]
const withoutSubject: BadJwt = [
  'without a subject',
  'token-claim-invalid',
  ({ resign }) => resign({ claims: { sub: undefined } }),
]
const ofMachine: BadJwt = [
  'with a machine as its subject',
  'token-type-mismatch',
  ({ resign }) => resign({ claims: { sub: MACHINE } }),
]

/** Correctly signed by the instance, but wrong for a token of its kind. */
export const BAD_OF_KIND: Readonly<Record<JwtKind, readonly BadJwt[]>> = {
  session_token: [
    withoutSubject,
    ['without a session', 'token-claim-invalid', ({ resign }) => resign({ claims: { sid: undefined } })],
    ['without a time of issue', 'token-claim-invalid', ({ resign }) => resign({ claims: { iat: undefined } })],
    ['of a pending session', 'session-pending', ({ resign }) => resign({ claims: { sts: 'pending' } })],
    ofMachine,
    ofUnknownCategory,
    [
      'with the type of an OAuth access token',
      'token-type-mismatch',
      ({ resign }) => resign({ header: { typ: 'at+jwt' } }),
    ],
  ],
  m2m_token: [
    ['without a subject', 'token-type-mismatch', ({ resign }) => resign({ claims: { sub: undefined } })],
    [
      'with a user as its subject',
      'token-type-mismatch',
      ({ resign }) => resign({ claims: { sub: `user_${'0'.repeat(27)}` } }),
    ],
    ofUnknownCategory,
    [
      'for another machine',
      'machine-out-of-scope',
      ({ resign }) => resign({ claims: { aud: [MACHINE], scopes: MACHINE } }),
    ],
    [
      'for no machine',
      'machine-out-of-scope',
      ({ resign }) => resign({ claims: { aud: undefined, scopes: undefined } }),
    ],
  ],
  oauth_token: [
    withoutSubject,
    ['without a client', 'token-claim-invalid', ({ resign }) => resign({ claims: { client_id: undefined } })],
    ofMachine,
    [
      'of the category of session tokens',
      'token-type-mismatch',
      ({ resign }) => resign({ header: { cat: CATEGORIES.session_token } }),
    ],
  ],
  jwt_template: [withoutSubject, ofMachine, ofUnknownCategory],
}
