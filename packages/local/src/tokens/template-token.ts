import { randomBytes } from 'node:crypto'
import type { JwtTemplate } from '../model/jwt-template.js'
import type { Directory } from '../people/directory.js'
import type { World } from '../state/world.js'
import { list } from '../support/list.js'
import {
  A_NUMBER,
  A_STRING,
  A_STRING_OR_NULL,
  AN_OBJECT,
  checkInput,
  isObject,
  type InputRules,
} from '../support/input.js'
import type { Issuer, JwtParts } from './issuer.js'
import { jwtTimes } from './lifetime.js'
import { AN_ACTOR, actorClaim } from './session-token.js'
import { shortcodesOf, type TemplateHolder } from './shortcodes.js'
import { fillTemplate } from './template-language.js'
import { CATEGORIES } from './token-kind.js'

/** Options of a token from a JWT template. */
export interface TemplateTokenInput {
  /** a user's name or `user_…` id; default `alice` */
  readonly user?: string
  /** name of the template; default `api`, a built-in template without custom claims */
  readonly template?: string
  /** slug or `org_…` id of the organization for `{{org.…}}`; `null`: none; default: the user's `defaultOrganization` */
  readonly org?: string | null
  /** the value of `{{session.actor}}`: a user's name or id, or the whole object */
  readonly actor?: string | Readonly<Record<string, unknown>>
  /** default: the lifetime of the template, 60 unless it sets another */
  readonly ttlInSeconds?: number
  /** merged into the claims last; `undefined` removes a claim */
  readonly claims?: Readonly<Record<string, unknown>>
  /** merged into the header last; `undefined` removes a parameter */
  readonly header?: Readonly<Record<string, unknown>>
}

/** The inputs for a token, with all names resolved. */
export interface TemplateGrant {
  readonly holder: TemplateHolder
  readonly template: JwtTemplate
  readonly ttlInSeconds: number | undefined
}

/** @throws {TypeError} if the input names something that does not exist, or a field has the wrong type */
export function templateGrant(input: TemplateTokenInput, world: World, directory: Directory): TemplateGrant {
  checkInput('templateToken()', input, RULES)
  const { user = 'alice', template = 'api', ttlInSeconds, actor } = input
  const { id: userId, defaultOrganization } = directory.person(user)
  const org = input.org === undefined ? defaultOrganization : input.org
  return {
    holder: {
      user_id: userId,
      organization_id: org === null ? null : directory.organization(org).id,
      actor: actor === undefined ? null : actorClaim(actor, directory),
    },
    template: templateNamed(template, world),
    ttlInSeconds,
  }
}

function templateNamed(name: string, { jwt_templates }: World): JwtTemplate {
  const template = jwt_templates.find('name', name)
  if (template) return template
  throw new TypeError(`there is no JWT template "${name}", only ${list(jwt_templates.all().map((it) => it.name))}`)
}

/** Header and claims of a token from a template, not yet signed. */
export function templateTokenParts(
  holder: TemplateHolder,
  template: JwtTemplate,
  ttlInSeconds: number | undefined,
  world: World,
  { url, nowInSeconds, kid, algorithm }: Issuer,
): JwtParts {
  const { claims, lifetime, allowed_clock_skew } = template
  const times = jwtTimes(nowInSeconds, ttlInSeconds ?? lifetime, lifetime)
  const filled = fillTemplate(claims, shortcodesOf(holder, world))
  return {
    header: { alg: algorithm, cat: CATEGORIES.jwt_template, kid, typ: 'JWT' },
    claims: {
      ...(isObject(filled) && filled),
      azp: 'http://localhost:3000',
      iss: url,
      jti: randomBytes(10).toString('hex'),
      sub: holder.user_id,
      ...times,
      nbf: times.iat - allowed_clock_skew,
    },
  }
}

const RULES: InputRules<TemplateTokenInput> = {
  user: A_STRING,
  template: A_STRING,
  org: A_STRING_OR_NULL,
  actor: AN_ACTOR,
  ttlInSeconds: A_NUMBER,
  claims: AN_OBJECT,
  header: AN_OBJECT,
}
