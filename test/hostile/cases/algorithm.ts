import type { Table } from '../attacks.js'
import { named, refused } from '../case.js'
import { KID } from '../keys.js'
import { replaced, session } from '../token.js'

type Header = Readonly<Record<string, unknown>>

/** A session token with additional or changed parameters and a valid signature. */
const withParameters = (header: Header) => session({}, header)
const each = (name: string, values: readonly unknown[]) => named(values, (value) => withParameters({ [name]: value }))
const NONES = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\0', 'nonE']
const withoutSignature = (header: Header) => replaced(withParameters(header), { signature: '' })
const INVALID_KIDS = [null, 1, 0, true, [], [KID.rsa], {}, '']

const UNKNOWN_KIDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '/dev/null',
  String.raw`..\..\windows\win.ini`,
  "' OR 1=1 --",
  '$(jndi:ldap://evil.example/a)',
  'https://keys.evil.example/jwks.json',
  '*',
  KID.rsa.toUpperCase(),
  `${KID.rsa} `,
  `${KID.rsa}\0`,
  KID.rsa.slice(0, -1),
  'k'.repeat(128),
  'ключ',
]

export const algorithm = {
  'an algorithm that is not a name': refused('token-invalid-algorithm', {
    missing: withParameters({ alg: undefined }),
    ...each('alg', ['', null, 0, 256, true, ['RS256'], [], {}, { name: 'RS256' }]),
  }),

  'the algorithm none': NONES.flatMap((alg) =>
    refused('token-invalid-algorithm', {
      [`${JSON.stringify(alg)}, with a signature`]: withParameters({ alg }),
      [`${JSON.stringify(alg)}, without one`]: withoutSignature({ alg }),
      [`${JSON.stringify(alg)}, without a signature and without a key id`]: withoutSignature({ alg, kid: undefined }),
    }),
  ),

  'an algorithm named like a member of Object.prototype': refused(
    'token-invalid-algorithm',
    each('alg', ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf']),
  ),

  'a misspelt algorithm': refused(
    'token-invalid-algorithm',
    each('alg', [
      'rs256',
      'Rs256',
      'RS256 ',
      ' RS256',
      'RS256\0',
      'RS-256',
      'RSA256',
      'RS257',
      'RS256,none',
      'ＲＳ256',
      'RSASSA-PKCS1-v1_5',
      'SHA256withRSA',
      'RS1',
      'ES256K',
      'Ed448',
      'RSA-OAEP',
      'dir',
      'PBES2-HS256+A128KW',
      'HS256',
      'HS384',
      'HS512',
    ]),
  ),

  'a key id that is missing or not a string': [
    ...refused('jwk-kid-mismatch', { 'missing, with several keys in the set': withParameters({ kid: undefined }) }),
    ...refused('token-header-invalid', each('kid', INVALID_KIDS)),
  ],

  'an unpublished key id': [
    ...refused('jwk-kid-mismatch', each('kid', UNKNOWN_KIDS), { mayAsk: true }),
    ...refused('token-header-invalid', {
      'of 129 characters': withParameters({ kid: 'k'.repeat(129) }),
      'of 4,000 characters': withParameters({ kid: 'k'.repeat(4000) }),
      'of 129 characters that start with ours': withParameters({ kid: KID.rsa.padEnd(129) }),
    }),
  ],
} satisfies Partial<Table<'header'>>
