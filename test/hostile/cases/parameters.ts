import type { Table } from '../attacks.js'
import { accepted, named, refused } from '../case.js'
import { byStranger, KID, STRANGER, type KeyPair } from '../keys.js'
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

/** A session token with more or with other parameters, whose signature is true. */
const withParameters = (header: Header) => session({}, header)
const each = (name: string, values: readonly unknown[]) => named(values, (value) => withParameters({ [name]: value }))
const everyOne = (headers: Readonly<Record<string, Header>>, sign = withParameters) =>
  Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, sign(header)]))

/** Signed by somebody whose key nobody published. */
const forged = (header: Header) => session({}, header, byStranger)
const THEIR_KID = 'ins_of_a_stranger'
const EVIL = 'https://keys.evil.example/jwks.json'
const METADATA = 'http://169.254.169.254/latest/meta-data/'
const certificate = (key: KeyPair) =>
  (key.publicKey.export({ format: 'der', type: 'spki' }) as Buffer).toString('base64')

const KEYS_IN_HEADER = {
  'of a stranger': { jwk: STRANGER.jwk },
  'of a stranger, called like ours': { jwk: { ...STRANGER.jwk, kid: KID.rsa, alg: 'RS256', use: 'sig' } },
  'of a stranger, in a list': { jwk: [STRANGER.jwk] },
  'of a stranger, in a set': { jwks: { keys: [{ ...STRANGER.jwk, kid: KID.rsa }] } },
  'that is symmetric': { jwk: { kty: 'oct', k: base64url('a secret that everybody knows') } },
}

const ADDRESSES = {
  'jku of a stranger': { jku: EVIL },
  'jku of the metadata of a machine in the cloud': { jku: METADATA },
  'jku of another scheme': { jku: 'ftp://keys.evil.example/set' },
  'jku that begins like ours': { jku: 'https://clerk.hostile.example@evil.example/.well-known/jwks.json' },
  'x5u of a stranger': { x5u: EVIL },
  'x5u of the metadata of a machine in the cloud': { x5u: METADATA },
  'jku and x5u': { jku: EVIL, x5u: EVIL },
}

const CERTIFICATES = {
  'a chain of a stranger': { x5c: [certificate(STRANGER)] },
  'a chain that is no list': { x5c: certificate(STRANGER) },
  'a thumbprint of a stranger': { x5t: base64url('0123456789abcdef0123') },
  'a SHA-256 thumbprint of a stranger': { 'x5t#S256': base64url('0123456789abcdef0123456789abcdef') },
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
    ...refused('token-invalid-signature', everyOne(KEYS_IN_HEADER, forged)),
    ...refused(
      'jwk-kid-mismatch',
      everyOne(
        { 'of a stranger, by a name of its own': { kid: THEIR_KID, jwk: { ...STRANGER.jwk, kid: THEIR_KID } } },
        forged,
      ),
      { mayAsk: true },
    ),
    ...refused(
      'jwk-kid-mismatch',
      everyOne({ 'of a stranger, without a name': { kid: undefined, jwk: STRANGER.jwk } }, forged),
    ),
    ...accepted(
      { userId: USER },
      everyOne({ 'of a stranger, and not used: the signature is ours': { jwk: STRANGER.jwk } }),
    ),
  ],

  'an address of keys in the header': [
    ...refused('token-invalid-signature', everyOne(ADDRESSES, forged)),
    ...refused('jwk-kid-mismatch', everyOne({ 'jku, with a name of its own': { kid: THEIR_KID, jku: EVIL } }, forged), {
      mayAsk: true,
    }),
    ...accepted(
      { userId: USER },
      everyOne({ 'jku and x5u, and not asked: the signature is ours': { jku: EVIL, x5u: METADATA } }),
    ),
  ],

  'certificates in the header': [
    ...refused('token-invalid-signature', everyOne(CERTIFICATES, forged)),
    ...accepted(
      { userId: USER },
      everyOne({
        'a chain of a stranger, and not used: the signature is ours': { x5c: [certificate(STRANGER)], x5t: 'AAAA' },
      }),
    ),
  ],

  'an unknown critical extension': refused(
    'token-critical-header',
    everyOne({
      one: { crit: ['x'], x: 1 },
      'one that is not there': { crit: ['http://evil.example/ext'] },
      'one of ours and one unknown': { crit: ['alg', 'x'], x: 1 },
      'one in a token without a type': { crit: ['x'], x: 1, typ: undefined },
    }),
  ),

  'a malformed list of critical extensions': refused('token-critical-header', each('crit', CRITS)),

  'a payload that is not encoded': [
    ...refused('token-critical-header', everyOne(UNENCODED)),
    ...refused(
      'token-critical-header',
      {
        'b64 false, and a payload of JSON': replaced(withParameters({ b64: false, crit: ['b64'] }), {
          payload: JSON.stringify(SESSION.sub),
        }),
        'b64 false, and no payload but in the body': replaced(withParameters({ b64: false, crit: ['b64'] }), {
          payload: 'e30',
        }),
      },
      { method: 'POST', body: JSON.stringify(SESSION) },
    ),
  ],

  'a type that is not for this route': refused('token-type-mismatch', {
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
    ...refused('token-header-invalid', everyOne(JWE)),
    ...refused('token-malformed', {
      'five parts that ask for a million rounds': `${base64url({ alg: 'PBES2-HS256+A128KW', enc: 'A128CBC-HS256', p2c: 1_000_000, p2s: 'AAAA', zip: 'DEF' })}.AAAA.AAAA.AAAA.AAAA`,
    }),
    ...refused('token-header-invalid', {
      'three parts that ask for a million rounds': withHeader(
        jsonWith({ ...HEADER, alg: 'PBES2-HS256+A128KW' }, '"enc":"A128CBC-HS256","p2c":1000000'),
      ),
    }),
  ],

  'a category that is not for this route': [
    ...refused('token-type-mismatch', {
      'of a template': withParameters({ cat: CATEGORY.template }),
      'of a machine': withParameters({ cat: CATEGORY.m2m }),
      'of a machine, on a machine': machine(),
      'of a machine, without a category': machine({}, { cat: undefined }),
      'of a template, without a category': session({ sid: undefined }, { cat: undefined }),
      'of a session, on a machine': machine({ sid: SESSION.sid }, { cat: CATEGORY.session }),
      ...each('cat', ['', 'cl_B7d4PD999AAA', '__proto__', 'constructor', 'CL_B7D4PD111AAA', `${CATEGORY.session} `]),
    }),
    ...refused('token-header-invalid', each('cat', [null, 1, [CATEGORY.session], {}])),
    ...refused(
      'token-type-mismatch',
      { 'of a session, where a machine is asked for': session() },
      { to: '/machine/x' },
    ),
    ...refused(
      'token-type-mismatch',
      { 'of a session, on a machine, where a machine is asked for': machine({}, { cat: CATEGORY.session }) },
      { to: '/machine/x' },
    ),
    ...accepted(
      { machineId: WORKER },
      { 'not: of a machine, where a machine is asked for': machine() },
      { to: '/machine/x' },
    ),
  ],
} satisfies Partial<Table<'header'>>
