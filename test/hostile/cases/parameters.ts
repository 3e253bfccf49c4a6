import type { Table } from '../attacks.js'
import { accepted, named, refused } from '../case.js'
import { byAttacker, KID, ATTACKER, type KeyPair } from '../keys.js'
import {
  base64url,
  CATEGORY,
  HEADER,
  jsonWith,
  machine,
  oauth,
  replaced,
  session,
  SESSION,
  USER,
  withHeader,
  WORKER,
} from '../token.js'

type Header = Readonly<Record<string, unknown>>

/** A session token with additional or changed parameters and a valid signature. */
const withParameters = (header: Header) => session({}, header)
const each = (name: string, values: readonly unknown[]) => named(values, (value) => withParameters({ [name]: value }))
const allOf = (headers: Readonly<Record<string, Header>>, sign = withParameters) =>
  Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, sign(header)]))

/** Signed with a key that is not published. */
const forged = (header: Header) => session({}, header, byAttacker)
const THEIR_KID = 'ins_of_a_stranger'
const EVIL = 'https://keys.evil.example/jwks.json'
const METADATA = 'http://169.254.169.254/latest/meta-data/'
const certificate = (key: KeyPair) =>
  (key.publicKey.export({ format: 'der', type: 'spki' }) as Buffer).toString('base64')

const KEYS_IN_HEADER = {
  'of an attacker': { jwk: ATTACKER.jwk },
  'of an attacker, with our kid': { jwk: { ...ATTACKER.jwk, kid: KID.rsa, alg: 'RS256', use: 'sig' } },
  'of an attacker, in an array': { jwk: [ATTACKER.jwk] },
  'of an attacker, in a set': { jwks: { keys: [{ ...ATTACKER.jwk, kid: KID.rsa }] } },
  'that is symmetric': { jwk: { kty: 'oct', k: base64url('a well-known secret') } },
}

const ADDRESSES = {
  'jku of an attacker': { jku: EVIL },
  'jku of a cloud metadata service': { jku: METADATA },
  'jku with another scheme': { jku: 'ftp://keys.evil.example/set' },
  'jku that starts like our URL': { jku: 'https://clerk.hostile.example@evil.example/.well-known/jwks.json' },
  'x5u of an attacker': { x5u: EVIL },
  'x5u of a cloud metadata service': { x5u: METADATA },
  'jku and x5u': { jku: EVIL, x5u: EVIL },
}

const CERTIFICATES = {
  'a chain of an attacker': { x5c: [certificate(ATTACKER)] },
  'a chain that is not an array': { x5c: certificate(ATTACKER) },
  'a thumbprint of an attacker': { x5t: base64url('0123456789abcdef0123') },
  'a SHA-256 thumbprint of an attacker': { 'x5t#S256': base64url('0123456789abcdef0123456789abcdef') },
}

const CRITS = [
  [],
  '',
  null,
  false,
  true,
  0,
  1,
  {},
  { exp: 1 },
  [1],
  [null],
  [''],
  ['alg'],
  ['exp'],
  ['exp', 'exp'],
  ['b64'],
  'exp',
  [['exp']],
]

const UNENCODED = {
  'b64 false': { b64: false },
  'b64 true': { b64: true },
  'b64 null': { b64: null },
  'b64 false, and critical': { b64: false, crit: ['b64'] },
  'b64 true, and critical': { b64: true, crit: ['b64'] },
}

const JWE = {
  zip: { zip: 'DEF' },
  enc: { enc: 'A256GCM' },
  epk: { epk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
  p2c: { p2c: 2_147_483_647, p2s: 'AAAA' },
  'zip, empty': { zip: '' },
  'enc, null': { enc: null },
}

const BAD_TYPES = [
  'JWE',
  'JOSE',
  'JOSE+JSON',
  'dpop+jwt',
  'secevent+jwt',
  'logout+jwt',
  'id+jwt',
  'jwt ',
  ' JWT',
  'JWT;x=y',
  'application/application/jwt',
  'text/jwt',
  '',
  1,
  null,
  ['JWT'],
  {},
]

export const parameters = {
  'a key in the header': [
    ...refused('token-invalid-signature', allOf(KEYS_IN_HEADER, forged)),
    ...refused(
      'jwk-kid-mismatch',
      allOf(
        { 'of an attacker, with its own kid': { kid: THEIR_KID, jwk: { ...ATTACKER.jwk, kid: THEIR_KID } } },
        forged,
      ),
      { mayAsk: true },
    ),
    ...refused(
      'jwk-kid-mismatch',
      allOf({ 'of an attacker, without a kid': { kid: undefined, jwk: ATTACKER.jwk } }, forged),
    ),
    ...accepted(
      { userId: USER },
      allOf({ 'of an attacker, unused because the signature is ours': { jwk: ATTACKER.jwk } }),
    ),
  ],

  'a key set URL in the header': [
    ...refused('token-invalid-signature', allOf(ADDRESSES, forged)),
    ...refused('jwk-kid-mismatch', allOf({ 'jku, with its own kid': { kid: THEIR_KID, jku: EVIL } }, forged), {
      mayAsk: true,
    }),
    ...accepted(
      { userId: USER },
      allOf({ 'jku and x5u, not fetched because the signature is ours': { jku: EVIL, x5u: METADATA } }),
    ),
  ],

  'certificates in the header': [
    ...refused('token-invalid-signature', allOf(CERTIFICATES, forged)),
    ...accepted(
      { userId: USER },
      allOf({
        'a chain of an attacker, unused because the signature is ours': { x5c: [certificate(ATTACKER)], x5t: 'AAAA' },
      }),
    ),
  ],

  'an unknown critical extension': refused(
    'token-critical-header',
    allOf({
      one: { crit: ['x'], x: 1 },
      'one that is not present': { crit: ['http://evil.example/ext'] },
      'a registered parameter and an unknown one': { crit: ['alg', 'x'], x: 1 },
      'one in a token without a type': { crit: ['x'], x: 1, typ: undefined },
    }),
  ),

  'a malformed list of critical extensions': refused('token-critical-header', each('crit', CRITS)),

  'an unencoded payload': [
    ...refused('token-critical-header', allOf(UNENCODED)),
    ...refused(
      'token-critical-header',
      {
        'b64 false, and a JSON payload': replaced(withParameters({ b64: false, crit: ['b64'] }), {
          payload: JSON.stringify(SESSION.sub),
        }),
        'b64 false, and the payload in the body': replaced(withParameters({ b64: false, crit: ['b64'] }), {
          payload: 'e30',
        }),
      },
      { method: 'POST', body: JSON.stringify(SESSION) },
    ),
  ],

  'a type that the route does not accept': refused('token-type-mismatch', {
    ...each('typ', BAD_TYPES),
    'at+jwt': withParameters({ typ: 'at+jwt' }),
    'at+jwt, without a category': withParameters({ typ: 'at+jwt', cat: undefined }),
    'application/at+jwt': withParameters({ typ: 'application/at+jwt', cat: undefined }),
  }),

  'another spelling of a type': [
    ...accepted(
      { userId: USER, tokenType: 'session_token' },
      {
        missing: withParameters({ typ: undefined }),
        ...each('typ', ['jwt', 'Jwt', 'application/jwt', 'APPLICATION/JWT']),
      },
    ),
    ...accepted(
      { userId: USER, tokenType: 'oauth_token' },
      named(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'], (typ) => oauth({}, { typ })),
      { to: '/oauth/x' },
    ),
  ],

  'parameters of an encrypted token': [
    ...refused('token-header-invalid', allOf(JWE)),
    ...refused('token-malformed', {
      'five parts that request a million iterations': `${base64url({ alg: 'PBES2-HS256+A128KW', enc: 'A128CBC-HS256', p2c: 1_000_000, p2s: 'AAAA', zip: 'DEF' })}.AAAA.AAAA.AAAA.AAAA`,
    }),
    ...refused('token-header-invalid', {
      'three parts that request a million iterations': withHeader(
        jsonWith({ ...HEADER, alg: 'PBES2-HS256+A128KW' }, '"enc":"A128CBC-HS256","p2c":1000000'),
      ),
    }),
  ],

  'a category that the route does not accept': [
    ...refused('token-type-mismatch', {
      'of a machine': withParameters({ cat: CATEGORY.m2m }),
      'of a machine, without a category': machine({}, { cat: undefined }),
      'of a template, without a category': session({ sid: undefined }, { cat: undefined }),
      'of a session, on a machine token': machine({ sid: SESSION.sid }, { cat: CATEGORY.session }),
      ...each('cat', ['', 'cl_B7d4PD999AAA', '__proto__', 'constructor', 'CL_B7D4PD111AAA', `${CATEGORY.session} `]),
    }),
    ...refused('token-header-invalid', each('cat', [null, 1, [CATEGORY.session], {}])),
    ...refused(
      'token-type-mismatch',
      { 'of a session, on a machine token, on a machine route': machine({}, { cat: CATEGORY.session }) },
      { to: '/machine/x' },
    ),
    ...accepted({ machineId: WORKER }, { 'not: of a machine, on a machine route': machine() }, { to: '/machine/x' }),
  ],
} satisfies Partial<Table<'header'>>
