import { createHmac } from 'node:crypto'
import { CONFIGURED, type ApiName } from '../apis.js'
import type { Table } from '../attacks.js'
import { accepted, misconfigured, refused, type Case } from '../case.js'
import { byAttacker, ED448, KEY_SET, KID, P256, RSA, type KeyPair } from '../keys.js'
import { ISSUER, session, USER } from '../token.js'

type Secret = string | Buffer

/** A token that an attacker signs with public data as the secret. */
function hmac(secret: Secret, alg = 'HS256', kid: string = KID.rsa): string {
  const digest = `sha${alg.slice(2)}`
  return session({}, { alg, kid }, (signingInput) => createHmac(digest, secret).update(signingInput).digest())
}

const bytes = (text: unknown) => Buffer.from(text as string, 'base64url')
const exported = ({ publicKey }: KeyPair, format: 'pem' | 'der', type: 'spki' | 'pkcs1' = 'spki') =>
  publicKey.export({ format, type } as never) as unknown as Secret

function commonSecrets(pair: KeyPair, kid: string): Record<string, Secret> {
  const pem = exported(pair, 'pem') as string
  return {
    'its PEM': pem,
    'its PEM without the final line break': pem.trimEnd(),
    'its PEM with CRLF line breaks': pem.replaceAll('\n', '\r\n'),
    'its PEM after whitespace': `\n ${pem}`,
    'its PEM after a comment': `the key of the issuer\n${pem}`,
    'its PEM under another label': pem.replaceAll('PUBLIC KEY', 'RSA PUBLIC KEY'),
    'its DER': exported(pair, 'der'),
    'its base64': pem.replace(/-----[A-Z ]+-----|\s/g, ''),
    'its JWK': JSON.stringify(pair.jwk),
    'its published JWK': JSON.stringify(KEY_SET.find((jwk) => jwk['kid'] === kid)),
    'its kid': kid,
    'the whole key set': JSON.stringify({ keys: KEY_SET }),
    'the issuer': ISSUER,
    nothing: '',
    'the word undefined': 'undefined',
    'the word null': 'null',
    'an object converted to a string': '[object Object]',
  }
}

const RSA_SECRETS: Record<string, Secret> = {
  ...commonSecrets(RSA, KID.rsa),
  'its PEM in PKCS #1': exported(RSA, 'pem', 'pkcs1'),
  'its DER in PKCS #1': exported(RSA, 'der', 'pkcs1'),
  'the bytes of its modulus': bytes(RSA.jwk['n']),
  'its modulus': RSA.jwk['n'] as string,
}

const point = Buffer.concat([bytes(P256.jwk['x']), bytes(P256.jwk['y'])])

const EC_SECRETS: Record<string, Secret> = {
  ...commonSecrets(P256, KID.p256),
  'the coordinates of its point': point,
  'its point': Buffer.concat([Buffer.of(4), point]),
  'its point, compressed': Buffer.concat([Buffer.of(2 + (point.at(-1)! & 1)), point.subarray(0, 32)]),
  'its x': P256.jwk['x'] as string,
  'the bytes of its x': bytes(P256.jwk['x']),
}

function bySecret(secrets: Record<string, Secret>, kid: string): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, hmac(secret, 'HS256', kid)]))
}

function byConfiguredKey(): Case[] {
  return (Object.keys(CONFIGURED) as (keyof typeof CONFIGURED)[]).flatMap((form) => {
    const api: ApiName = `with a key: ${form}`
    const tokens = Object.fromEntries(
      ['HS256', 'HS384', 'HS512'].map((alg) => [`${form}, ${alg}`, hmac(CONFIGURED[form], alg)]),
    )
    return [
      ...refused('token-invalid-algorithm', tokens, { api }),
      ...refused(
        'token-invalid-algorithm',
        {
          [`${form}, HS256 and no kid`]: session({}, { alg: 'HS256', kid: undefined }, (input) =>
            createHmac('sha256', CONFIGURED[form]).update(input).digest(),
          ),
        },
        { api },
      ),
      ...accepted({ userId: USER }, { [`not: ${form}, as a key`]: session() }, { api }),
      ...refused(
        'token-invalid-signature',
        { [`${form}, and an attacker's signature`]: session({}, {}, byAttacker) },
        { api },
      ),
    ]
  })
}

export const secrets = {
  'a public RSA key as the HMAC secret': refused('token-invalid-algorithm', {
    ...bySecret(RSA_SECRETS, KID.rsa),
    'its PEM, HS384': hmac(RSA_SECRETS['its PEM']!, 'HS384'),
    'its PEM, HS512': hmac(RSA_SECRETS['its PEM']!, 'HS512'),
    'its JWK, HS512': hmac(RSA_SECRETS['its JWK']!, 'HS512'),
  }),

  'a public EC key as the HMAC secret': refused('token-invalid-algorithm', bySecret(EC_SECRETS, KID.p256)),

  'the configured key as the HMAC secret': byConfiguredKey(),

  'an unsafe key in the configuration': misconfigured({
    'an empty key': { jwtKey: '' },
    'a key of whitespace': { jwtKey: '  \n' },
    'a key that is not a string': { jwtKey: { toString: () => CONFIGURED.pem } },
    'bytes as a key': { jwtKey: Buffer.from(CONFIGURED.pem) },
    'a secret as a key': { jwtKey: 'a well-known secret' },
    'a symmetric key': { jwtKey: JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }) },
    'a private key': { jwtKey: JSON.stringify(RSA.privateKey.export({ format: 'jwk' })) },
    'a key on an unsupported curve': { jwtKey: ED448.publicKey.export({ format: 'pem', type: 'spki' }) },
    'an empty key set': { jwks: { keys: [] } },
    'a key set that is an array': { jwks: [RSA.jwk] },
    'a key set of a symmetric key': { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a' }] } },
    'a choice of algorithms': { algorithms: ['HS256', 'none'] },
    'a function that returns the key': { jwtKey: () => CONFIGURED.pem },
    'a cache key builder': { cacheKeyBuilder: () => 'the same for all' },
  }),
} satisfies Partial<Table<'keys'>>
