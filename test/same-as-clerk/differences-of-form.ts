import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { askClerk, askOurs, clerkSdk } from './both.js'
import { clerkVerdict, inOne, ourVerdict, verdict, type Difference } from './difference.js'
import { serveJson } from './serve-json.js'
import { oauthJwt, part, sessionClaims, sessionToken, signedParts, type Header } from './tokens.js'

const authorization = (value: string) => new Headers({ Authorization: value })
const header = (members: Header = {}) => part({ alg: 'RS256', typ: 'JWT', kid: 'ins_2a', ...members })
const payload = (text: string) => `${JSON.stringify(sessionClaims()).slice(0, -1)},${text}}`

/** Where a token is read from a request. */
const requests: readonly Difference[] = [
  verdict('A token without a scheme before it, in `Authorization`', authorization(sessionToken())),
  verdict('A lower-case scheme: `bearer`', authorization(`bearer ${sessionToken()}`)),
  verdict('Two spaces between scheme and token', authorization(`Bearer  ${sessionToken()}`)),
  verdict('Another word after the token', authorization(`Bearer ${sessionToken()} more`)),
  verdict(
    'A page navigation with an expired token',
    new Headers({ Authorization: `Bearer ${sessionToken({ iat: 1, nbf: 1, exp: 2 })}`, Accept: 'text/html' }),
  ),
]

/** The form of a JWT. */
const forms: readonly Difference[] = [
  verdict(
    'Padding in the parts of a token',
    signedParts(Buffer.from('{"alg":"RS256","typ":"JWT","kid":"1"}').toString('base64'), part(sessionClaims())),
  ),
  verdict('A payload that is not UTF-8', signedParts(header(), part(Buffer.from(payload('"name":"\xff"'), 'latin1')))),
  verdict('A byte order mark before the payload', signedParts(header(), part(`\uFEFF${payload('"a":1')}`))),
  verdict('A lone surrogate in a claim', signedParts(header(), part(payload('"name":"\\ud800"')))),
  verdict('A noncharacter in a claim, such as U+FFFE', signedParts(header(), part(payload('"name":"\\ufffe"')))),
  verdict('A duplicate claim', signedParts(header(), part(payload('"sub":"user_2b"')))),
  verdict(
    'A duplicate header parameter',
    signedParts(part('{"alg":"RS256","typ":"JWT","kid":"a","kid":"b"}'), part(sessionClaims())),
  ),
  verdict('Claims nested deeper than 32 levels', sessionToken({ deep: nested(40) })),
  verdict('A token of more than 8 KiB', sessionToken({ long: 'x'.repeat(8192) })),
  verdict('A type in another case: `jwt`', sessionToken({}, { typ: 'jwt' })),
  verdict('An OAuth token type in another case: `AT+JWT`', oauthJwt({}, { typ: 'AT+JWT' }), {
    acceptsToken: 'oauth_token',
  }),
  verdict('A critical header parameter: `crit`', sessionToken({}, { crit: ['exp'] })),
  verdict('A header parameter for encrypted tokens: `enc`', sessionToken({}, { enc: 'A256GCM' })),
  verdict('A `kid` that is not a string, with `jwtKey`', sessionToken({}, { kid: 7 })),
  verdict('A `kid` of more than 128 characters, with `jwtKey`', sessionToken({}, { kid: 'k'.repeat(129) })),
  verdict(
    'RS384 or RS512, with `jwtKey`',
    ['RS384', 'RS512'].map((alg) => sessionToken({}, { alg })),
  ),
]

function nested(levels: number): unknown {
  return levels === 0 ? 1 : { inner: nested(levels - 1) }
}

/** The keys that verify. */
const keys: readonly Difference[] = [
  {
    what: 'ES256, PS256 and EdDSA',
    clerk: () => inOne(otherAlgorithms().map(async ({ token }) => clerkVerdict(await askClerk(token)))),
    here: () =>
      inOne(
        otherAlgorithms().map(async ({ token, jwks }) => ourVerdict(await askOurs(token, { jwks, jwtKey: undefined }))),
      ),
  },
  {
    what: 'An RSA key of less than 2048 bits',
    clerk: async () => {
      const { token, jwks } = weaklySigned()
      const api = await serveJson(jwks)
      const answer = await askClerk(token, { jwtKey: '' }, clerkSdk({ secretKey: 'sk_test_weak', apiUrl: api.url }))
      api.close()
      return clerkVerdict(answer)
    },
    here: async () => {
      const { token, jwks } = weaklySigned()
      const strong = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
      const keys = [...jwks.keys, { ...strong, kid: 'other' }]
      return ourVerdict(await askOurs(token, { jwks: { keys }, jwtKey: undefined }))
    },
  },
  {
    what: 'No `kid`, if the key set has one key',
    clerk: async (local) => {
      const token = await local.sessionToken({ header: { kid: undefined } })
      const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
      return clerkVerdict(await askClerk(token, { jwtKey: '' }, clerkSdk({ secretKey, apiUrl })))
    },
    here: async (local) => {
      const token = await local.sessionToken({ header: { kid: undefined } })
      return ourVerdict(await askOurs(token, { jwtKey: undefined, frontendApiUrl: local.url, issuer: local.url }))
    },
  },
]

function otherAlgorithms(): { token: string; jwks: { keys: object[] } }[] {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return [
    signedBy('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256', { dsaEncoding: 'ieee-p1363' }),
    signedBy('PS256', rsa, 'sha256', { padding: 6, saltLength: 32 }),
    signedBy('EdDSA', generateKeyPairSync('ed25519'), null, {}),
  ]
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function signedBy(alg: string, { publicKey, privateKey }: KeyPair, hash: string | null, how: object) {
  const input = `${header({ alg })}.${part(sessionClaims())}`
  const signature = sign(hash, Buffer.from(input), { key: privateKey, ...how }).toString('base64url')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'ins_2a', alg }
  return { token: `${input}.${signature}`, jwks: { keys: [jwk] } }
}

function weaklySigned() {
  return signedBy('RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }), 'sha256', {})
}

export const DIFFERENCES_OF_FORM: readonly Difference[] = [...requests, ...forms, ...keys]
