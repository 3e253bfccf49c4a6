import { randomBytes } from 'node:crypto'
import { A_NUMBER, A_STRING, AN_OBJECT, checkInput, rule, type InputRules } from './input.js'
import type { Issuer, JwtParts } from './issuer.js'
import { jwtTimes } from './lifetime.js'

/** What a token from a JWT template should say. */
export interface TemplateTokenInput {
  /** a name of the seed or its `user_…` id; default `alice` */
  readonly user?: string
  /** there is one template, `api`, which adds nothing to the claims that every template has */
  readonly template?: 'api'
  /** default 60 */
  readonly ttlInSeconds?: number
  /** what the template adds; merged into the claims last, `undefined` takes a claim out */
  readonly claims?: Readonly<Record<string, unknown>>
  /** merged into the header last; `undefined` takes a parameter out */
  readonly header?: Readonly<Record<string, unknown>>
}

/** Marks a JWT as made from a template. */
const TEMPLATE_CATEGORY = 'cl_B7d4PD222AAA'

const TTL_IN_SECONDS = 60

/** @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type */
export function templateTokenParts(input: TemplateTokenInput, issuer: Issuer): JwtParts {
  checkInput('templateToken()', input, RULES)
  const { url, population, nowInSeconds, kid, algorithm } = issuer
  return {
    header: { alg: algorithm, cat: TEMPLATE_CATEGORY, kid, typ: 'JWT' },
    claims: {
      azp: 'http://localhost:3000',
      iss: url,
      jti: randomBytes(10).toString('hex'),
      sub: population.person(input.user ?? 'alice').id,
      ...jwtTimes(nowInSeconds, input.ttlInSeconds ?? TTL_IN_SECONDS, TTL_IN_SECONDS),
    },
  }
}

const RULES: InputRules<TemplateTokenInput> = {
  user: A_STRING,
  template: rule('"api", the one that there is', (value) => value === 'api'),
  ttlInSeconds: A_NUMBER,
  claims: AN_OBJECT,
  header: AN_OBJECT,
}
