import { newSecret, newTokenId } from '../model/ids.js'
import {
  A_FORMAT,
  A_NUMBER,
  A_STRING,
  A_STRING_OR_STRINGS,
  AN_OBJECT,
  STRINGS,
  checkInput,
  type InputRules,
} from '../support/input.js'
import type { Issuer, JwtParts } from './issuer.js'
import { jwtTimes } from './lifetime.js'
import { list } from '../support/list.js'
import type { Client, Directory, Person } from '../people/directory.js'
import type { JsonObject } from '../model/schema.js'
import { AN_ACTOR, actorClaim } from './session-token.js'
import { lifetimeOf } from './opaque-token.js'

/** Options of an OAuth access token. */
export interface OAuthTokenInput {
  /** who granted it: a user's name or `user_…` id; default `alice` */
  readonly user?: string
  /** the application that it was granted to: its name in the seed or `client_…` id; default: the first in the seed */
  readonly client?: string
  /** default `openid`, `profile` and `email` */
  readonly scopes?: readonly string[]
  /** default: none */
  readonly audience?: string | readonly string[]
  /** only for a JWT: slug or `org_…` id of the user's chosen organization, adds scope `user:org:read`; default: none */
  readonly org?: string
  /** who impersonates the user: a user's name or id, or the whole `act` claim */
  readonly actor?: string | Readonly<Record<string, unknown>>
  /** default `jwt` */
  readonly format?: 'jwt' | 'opaque'
  /** default 86400, a day */
  readonly ttlInSeconds?: number
  /** only for a JWT: merged into the claims last; `undefined` removes a claim */
  readonly claims?: Readonly<Record<string, unknown>>
  /** only for a JWT: merged into the header last; `undefined` removes a parameter */
  readonly header?: Readonly<Record<string, unknown>>
}

/** The inputs for a token, with all names resolved. */
export interface OAuthGrant {
  readonly person: Pick<Person, 'id'>
  readonly client: Pick<Client, 'id'>
  readonly scopes: readonly string[]
  readonly audience: readonly string[] | undefined
  readonly orgId: string | undefined
  readonly actor: JsonObject | undefined
  readonly ttlInSeconds: number
}

/** A day. */
export const OAUTH_TTL_IN_SECONDS = 86_400
export const ORGANIZATION_SCOPE = 'user:org:read'

/** @throws {TypeError} if the input names something that does not exist, or a field has the wrong type */
export function oauthGrant(input: OAuthTokenInput, directory: Directory): OAuthGrant {
  checkInput('oauthToken()', input, RULES)
  const {
    format = 'jwt',
    scopes = ['openid', 'profile', 'email'],
    audience,
    actor,
    ttlInSeconds = OAUTH_TTL_IN_SECONDS,
  } = input
  const onlyInJwt = (['org', 'claims', 'header'] as const).find((field) => input[field] !== undefined)
  if (format === 'opaque' && onlyInJwt) throw new TypeError(`an opaque token has no "${onlyInJwt}": use format "jwt"`)

  const person = directory.person(input.user ?? 'alice')
  const orgId = input.org === undefined ? undefined : organizationIdOf(input.org, person, directory)
  return {
    person,
    client: directory.client(input.client),
    scopes: orgId === undefined ? scopes : [...new Set([...scopes, ORGANIZATION_SCOPE])],
    audience: audience === undefined ? undefined : [audience].flat(),
    orgId,
    actor: actor === undefined ? undefined : actorClaim(actor, directory),
    ttlInSeconds,
  }
}

function organizationIdOf(org: string, { name, memberships }: Person, directory: Directory): string {
  const { id, slug } = directory.organization(org)
  if (Object.hasOwn(memberships, slug)) return id
  throw new TypeError(`"${name}" is not a member of "${slug}", only of ${list(Object.keys(memberships))}`)
}

/** A new opaque token. */
export function oauthRecord(grant: OAuthGrant, now: number) {
  return {
    id: newTokenId('oat'),
    token: newSecret('oat'),
    subject: grant.person.id,
    client_id: grant.client.id,
    scopes: grant.scopes,
    audience: grant.audience,
    actor: grant.actor,
    ...lifetimeOf(now, grant.ttlInSeconds, OAUTH_TTL_IN_SECONDS),
  }
}

export function oauthJwtParts(grant: OAuthGrant, { url, nowInSeconds, kid, algorithm }: Issuer): JwtParts {
  const { person, client, scopes, audience, orgId, actor, ttlInSeconds } = grant
  return {
    header: { alg: algorithm, kid, typ: 'at+jwt' },
    claims: {
      ...(actor && { act: actor }),
      ...(audience && { aud: audience }),
      client_id: client.id,
      iss: url,
      jti: newTokenId('oat'),
      ...(orgId && { org_id: orgId }),
      scope: scopes.join(' '),
      sub: person.id,
      ...jwtTimes(nowInSeconds, ttlInSeconds, OAUTH_TTL_IN_SECONDS),
    },
  }
}

const RULES: InputRules<OAuthTokenInput> = {
  user: A_STRING,
  client: A_STRING,
  scopes: STRINGS,
  audience: A_STRING_OR_STRINGS,
  org: A_STRING,
  actor: AN_ACTOR,
  format: A_FORMAT,
  ttlInSeconds: A_NUMBER,
  claims: AN_OBJECT,
  header: AN_OBJECT,
}
