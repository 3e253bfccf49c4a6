import type { Machine } from '../model/machine.js'
import type { Directory } from '../people/directory.js'
import { newSecret, newTokenId } from '../model/ids.js'
import {
  A_FORMAT,
  A_STRING,
  A_STRING_OR_STRINGS,
  A_TTL,
  AN_OBJECT,
  checkInput,
  type InputRules,
} from '../support/input.js'
import type { Issuer, JwtParts } from './issuer.js'
import { jwtTimes } from './lifetime.js'
import { list } from '../support/list.js'
import type { LocalSettings } from '../model/settings.js'
import { CATEGORIES } from './token-kind.js'
import { lifetimeOf } from './opaque-token.js'

const USUAL_TTL_IN_SECONDS = 3600

/** Options of an M2M token. */
export interface M2MTokenInput {
  /** the calling machine: its name or its `mch_…` id; default `worker` */
  readonly from?: string
  /** the machines that the token may be used to call; default: all in the scopes of the calling machine */
  readonly to?: string | readonly string[]
  /** default `opaque` */
  readonly format?: 'opaque' | 'jwt'
  /** default: the machine's, which is 3600 unless the seed sets it; `null`, only for opaque tokens: it never expires */
  readonly ttlInSeconds?: number | null
  /** custom claims; in a JWT they override the other claims, and `undefined` removes a claim */
  readonly claims?: Readonly<Record<string, unknown>>
  /** only for a JWT: merged into the header last; `undefined` removes a parameter */
  readonly header?: Readonly<Record<string, unknown>>
}

/** The inputs for a token, with all names resolved. */
export interface M2MGrant {
  readonly machine: Machine
  /** ids of machines */
  readonly scopes: readonly string[]
  readonly ttlInSeconds: number | null
  readonly claims: Readonly<Record<string, unknown>> | null
}

/** @throws {TypeError} if a machine in the input does not exist or is not in scope, or a field has the wrong type */
export function m2mGrant(input: M2MTokenInput, directory: Directory): M2MGrant {
  checkInput('m2mToken()', input, RULES)
  const { format = 'opaque', claims = null } = input
  const machine = directory.machine(input.from ?? 'worker')
  const { ttlInSeconds = machine.default_token_ttl } = input
  if (format === 'jwt' && ttlInSeconds === null)
    throw new TypeError('a JWT must expire: pass a number as "ttlInSeconds"')
  if (format === 'opaque' && input.header) throw new TypeError('an opaque token has no "header": use format "jwt"')
  return { machine, scopes: scopesOf(input.to, machine, directory), ttlInSeconds, claims }
}

function scopesOf(to: M2MTokenInput['to'], machine: Machine, directory: Directory): readonly string[] {
  if (to === undefined) return machine.scopes
  return [to].flat().map((nameOrId) => {
    const { id, name } = directory.machine(nameOrId)
    if (machine.scopes.includes(id)) return id
    const known = machine.scopes.map((scope) => directory.machine(scope).name)
    throw new TypeError(
      `machine "${machine.name}" may not call "${name}", ${known.length > 0 ? `only ${list(known)}` : 'or any other machine'}`,
    )
  })
}

/** A new opaque token. */
export function m2mRecord({ machine, scopes, ttlInSeconds, claims }: M2MGrant, now: number) {
  return {
    id: newTokenId('mt'),
    token: newSecret('mt'),
    subject: machine.id,
    scopes,
    claims,
    ...lifetimeOf(now, ttlInSeconds, USUAL_TTL_IN_SECONDS),
  }
}

/** The instance's own claims override custom ones. */
export function m2mJwtParts(
  { machine, scopes, ttlInSeconds, claims }: M2MGrant,
  { url, nowInSeconds, kid, algorithm }: Issuer,
  { machineJwtScopes }: Required<LocalSettings>,
  id = newTokenId('mt'),
): JwtParts {
  return {
    header: { alg: algorithm, cat: CATEGORIES.m2m_token, kid, typ: 'JWT' },
    claims: {
      ...claims,
      ...(machineJwtScopes === 'both' && { aud: scopes, scopes: scopes.join(' ') }),
      iss: url,
      jti: id,
      sub: machine.id,
      ...jwtTimes(nowInSeconds, ttlInSeconds ?? machine.default_token_ttl, USUAL_TTL_IN_SECONDS),
    },
  }
}

const RULES: InputRules<M2MTokenInput> = {
  from: A_STRING,
  to: A_STRING_OR_STRINGS,
  format: A_FORMAT,
  ttlInSeconds: A_TTL,
  claims: AN_OBJECT,
  header: AN_OBJECT,
}
