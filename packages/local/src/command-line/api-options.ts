import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { FLAG, STRING, STRING_LIST } from './arguments.js'
import type { ApiRules } from '../explain/check-claims.js'
import type { KnownKeys } from '../explain/check-signature.js'
import { ANY_KIND, TOKEN_KINDS, type TokenKind } from '../tokens/token-kind.js'
import { parseDuration } from './duration.js'
import { isLoopback, isLoopbackUrl } from '../support/loopback.js'
import { frontendApiOf } from '../tokens/publishable-key.js'
import { keysAt } from '../explain/published-keys.js'

/** The command-line options that describe an API. */
export const API_OPTIONS = {
  accepts: STRING_LIST,
  issuer: STRING_LIST,
  audience: STRING_LIST,
  'authorized-parties': STRING_LIST,
  'missing-azp': STRING,
  'machine-id': STRING,
  'clock-skew': STRING,
  'allow-pending': FLAG,
  production: FLAG,
  'publishable-key': STRING,
  'jwks-url': STRING,
  'jwt-key': STRING,
  url: STRING,
} as const

type Values = { readonly [Name in keyof typeof API_OPTIONS]?: string | readonly string[] | boolean | undefined }
type Env = Readonly<Record<string, string | undefined>>

/** The rules of an API, and its keys, which are loaded on demand. */
export interface ApiOptions {
  readonly rules: ApiRules
  readonly keys: () => Promise<KnownKeys>
  /** the origin of a local instance that can describe opaque tokens; tokens are only sent to loopback */
  readonly instance: string | undefined
}

/**
 * Reads an API's configuration. A command-line option overrides the environment variable.
 *
 * @throws {TypeError} with a one-line message for the user
 */
export function readApiOptions(values: Values, env: Env, defaultInstance: string): ApiOptions {
  const keys = keyPlace(values, env, defaultInstance)
  const machineId = stringOf(values['machine-id']) ?? env['CLERK_MACHINE_ID']
  return {
    rules: {
      accepts: acceptedBy(listOf(values.accepts)),
      issuers: listOf(values.issuer) ?? (keys.origin === undefined ? undefined : [keys.origin]),
      audiences: listOf(values.audience ?? env['CLERK_AUDIENCE']),
      authorizedParties: listOf(values['authorized-parties'] ?? env['CLERK_AUTHORIZED_PARTIES']),
      missingAzp: oneOf('--missing-azp', stringOf(values['missing-azp']), ['reject', 'allow'] as const),
      ...(machineId && { machineId }),
      asksAs: env['CLERK_MACHINE_SECRET_KEY'] ? 'machine' : 'instance',
      clockSkewInMs: clockSkewOf(stringOf(values['clock-skew'])),
      pending: values['allow-pending'] === true ? 'allow' : 'refuse',
      localIssuer: values.production === true ? 'refuse' : 'allow',
    },
    keys: keys.load,
    instance: keys.instance,
  }
}

interface KeyPlace {
  /** origin of the frontend API and default issuer, if known */
  readonly origin?: string
  readonly instance?: string
  readonly load: () => Promise<KnownKeys>
}

/** Options take precedence over the environment. In each, a key comes first, then a key set, then the frontend API. */
function keyPlace(values: Values, env: Env, defaultInstance: string): KeyPlace {
  const typed = {
    jwtKey: stringOf(values['jwt-key']),
    jwksUrl: stringOf(values['jwks-url']),
    url: stringOf(values.url),
    publishableKey: stringOf(values['publishable-key']),
  }
  const isTyped = Object.values(typed).some((value) => value !== undefined)
  const set = {
    jwtKey: env['CLERK_JWT_KEY'] || undefined,
    jwksUrl: undefined,
    url: env['CLERK_FAPI'] || undefined,
    publishableKey: env['CLERK_PUBLISHABLE_KEY'] || undefined,
  }
  const { jwtKey, jwksUrl, url, publishableKey } = isTyped ? typed : set
  const origin =
    url === undefined ? publishableKey && originOfPublishableKey(publishableKey) : originOf('--url', url).origin
  const instance = origin ?? defaultInstance
  const place = {
    ...(origin !== undefined && { origin }),
    ...(isLoopbackUrl(instance) && { instance }),
  }

  if (jwtKey !== undefined) return { ...place, load: () => readKey(jwtKey) }
  if (jwksUrl !== undefined) {
    const { href } = originOf('--jwks-url', jwksUrl)
    return { ...place, load: () => keysAt(href) }
  }
  if (origin !== undefined) return { ...place, load: () => keysAt(`${origin}/.well-known/jwks.json`) }
  return {
    ...place,
    // The default instance was not requested, so it is not an error if it does not run.
    async load() {
      const keys = await keysAt(`${defaultInstance}/.well-known/jwks.json`)
      return keys.from === 'set' ? keys : { from: 'none' }
    },
  }
}

function originOf(option: string, value: string): URL {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value)
  throw new TypeError(`${option} must be a URL that starts with http:// or https://`)
}

function originOfPublishableKey(publishableKey: string): string {
  const host = frontendApiOf(publishableKey.trim())
  if (host === undefined) throw new TypeError('the publishable key is not valid: copy it again')
  return new URL(`${isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https'}://${host}`).origin
}

/** Accepts a JSON Web Key, PEM with any line endings, its bare base64, or the path of a file with one of these. */
async function readKey(value: string): Promise<KnownKeys> {
  const text = (isKey(value) ? value : await readKeyFile(value)).trim()
  try {
    const key = text.startsWith('{')
      ? createPublicKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPublicKey({ key: Buffer.from(base64Of(text), 'base64'), format: 'der', type: 'spki' })
    return { from: 'key', key }
  } catch (cause) {
    throw new TypeError('--jwt-key must be a public key: PEM, a JSON Web Key, or a file with one', { cause })
  }
}

function isKey(value: string): boolean {
  return value.includes('-----BEGIN') || value.trim().startsWith('{') || /^[A-Za-z0-9+/]{56,}={0,2}$/.test(value.trim())
}

function base64Of(pem: string): string {
  return pem.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\\[rn]|\s|["']/g, '')
}

async function readKeyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TypeError('--jwt-key must be a public key, or a readable file', { cause })
  })
}

function acceptedBy(kinds: readonly string[] = ['session_token']): readonly TokenKind[] {
  if (kinds.length === 1 && kinds[0] === 'any') return ANY_KIND
  return kinds.map((name) => {
    const kind = TOKEN_KINDS.find((known) => known === name)
    if (!kind) throw new TypeError(`--accepts takes any, or one or more of ${TOKEN_KINDS.join(', ')}`)
    return kind
  })
}

function clockSkewOf(text = '5s'): number {
  const [, ms] = /^(\d{1,9})ms$/.exec(text) ?? []
  const seconds = parseDuration(text)
  if (ms === undefined && seconds === undefined)
    throw new TypeError('--clock-skew must be a duration such as 500ms, 5s or 1m')
  return ms === undefined ? seconds! * 1000 : Number(ms)
}

function oneOf<const T extends string>(option: string, value: string | undefined, known: readonly [T, ...T[]]): T {
  const found = value === undefined ? known[0] : known.find((one) => one === value)
  if (found === undefined) throw new TypeError(`${option} must be ${known.join(' or ')}`)
  return found
}

/** A repeated or comma-separated option. */
function listOf(value: Values[keyof Values]): readonly string[] | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined
  const all = [value].flat().flatMap((text) => text.split(','))
  const named = all.map((text) => text.trim()).filter(Boolean)
  return named.length > 0 ? named : undefined
}

function stringOf(value: Values[keyof Values]): string | undefined {
  return typeof value === 'string' ? value : undefined
}
