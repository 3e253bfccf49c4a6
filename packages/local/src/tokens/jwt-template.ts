import { createPrivateKey, createSecretKey } from 'node:crypto'
import { CompactSign } from 'jose'
import { idOf } from '../state/ids.js'
import { signJwt, type JwtParts } from './issuer.js'
import type { SigningKey } from './keys.js'
import { list } from '../list.js'
import { createRecords, type Records } from '../state/records.js'

/** A template for custom JWTs of an application. Times are milliseconds since the epoch. */
export interface JwtTemplate {
  /** `jtmp_…` */
  readonly id: string
  readonly name: string
  readonly claims: Readonly<Record<string, unknown>>
  /** seconds */
  readonly lifetime: number
  /** seconds */
  readonly allowedClockSkew: number
  /** `null`: signed with the instance's own key */
  readonly signer: TemplateSigner | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface TemplateSigner {
  readonly algorithm: string
  /** a secret for HS256, HS384 and HS512, otherwise a private key as PEM */
  readonly key: string
}

export const TEMPLATE_LIFETIME_IN_SECONDS = 60
export const TEMPLATE_CLOCK_SKEW_IN_SECONDS = 5

/** Starts with one template, `api`, which adds no claims to the default ones. */
export function createTemplates(now: number): Records<JwtTemplate> {
  return createRecords<JwtTemplate>([
    {
      id: idOf('jtmp', 'api'),
      name: 'api',
      claims: {},
      lifetime: TEMPLATE_LIFETIME_IN_SECONDS,
      allowedClockSkew: TEMPLATE_CLOCK_SKEW_IN_SECONDS,
      signer: null,
      createdAt: now,
      updatedAt: now,
    },
  ])
}

/** @throws {TypeError} if no template has this name */
export function templateNamed(name: string, templates: Records<JwtTemplate>): JwtTemplate {
  const template = templates.all().find((other) => other.name === name)
  if (template) return template
  throw new TypeError(`there is no JWT template "${name}", only ${list(templates.all().map((it) => it.name))}`)
}

/**
 * An application's own key, checked to work with the algorithm.
 *
 * @throws if it does not
 */
export async function templateSigner(algorithm: string, key: string): Promise<TemplateSigner> {
  const signer = { algorithm, key }
  await signByTemplate({ header: {}, claims: {} }, signer)
  return signer
}

/** `more` overrides the parts as in `signJwt()`, except for the algorithm of the template's own key. */
export async function signTemplateToken(
  parts: JwtParts,
  { signer }: JwtTemplate,
  instanceKey: SigningKey,
  more: Partial<JwtParts> = {},
): Promise<string> {
  if (!signer) return signJwt(parts, instanceKey, more)
  // No `kid`, because the key is not in the instance's key set.
  const header = { ...parts.header, kid: undefined, ...more.header }
  return signByTemplate({ header, claims: { ...parts.claims, ...more.claims } }, signer)
}

async function signByTemplate({ header, claims }: JwtParts, { algorithm, key }: TemplateSigner): Promise<string> {
  const payload = Buffer.from(JSON.stringify(claims))
  const keyObject = algorithm.startsWith('HS') ? createSecretKey(Buffer.from(key)) : createPrivateKey(key)
  return new CompactSign(payload).setProtectedHeader({ ...header, alg: algorithm }).sign(keyObject)
}
