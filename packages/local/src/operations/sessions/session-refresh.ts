import { createHash } from 'node:crypto'
import { Refusal } from '../../api/errors.js'
import { boolean, json, nullish, oneOf, optional, strict, string } from '../../model/schema.js'
import type { Session } from '../../model/session.js'
import { isAlive, sessionOf } from '../../people/session.js'
import type { World } from '../../state/world.js'
import type { KeyRing } from '../../tokens/keys.js'
import { verifyOwnJwt, type OwnJwt } from '../../tokens/own-jwt.js'
import { cookieSuffixOf, publishableKeyOf } from '../../tokens/publishable-key.js'
import { CATEGORIES } from '../../tokens/token-kind.js'
import { sessionTokenOf } from '../../tokens/token-of-session.js'
import { operation, type Operation } from '../operation.js'

/** Clerk does not document its limit. */
const MAX_AGE_IN_SECONDS = 86_400

const MAX_CONSUMED = 100

/** Exchanges an expired token and the browser's refresh token for a new token. */
const refresh = operation('RefreshSession', 'POST /v1/sessions/{session_id}/refresh', {
  query: { suffixed_cookies: optional(boolean()) },
  body: strict({
    expired_token: string(),
    refresh_token: string(),
    request_origin: string(),
    request_headers: nullish(json()),
    format: nullish(oneOf('token', 'cookie')),
    request_originating_ip: nullish(string()),
  }),
  async run({ instance, world, params: { session_id: id = '' }, query, body }) {
    const claims = await claimsToRefresh(body, id, instance.keys)
    const { session, signed } = world.transaction(() => {
      const session = sessionToRefresh(id, body.refresh_token, world)
      checkAge(claims, Math.floor(world.now() / 1000))
      consume(body.expired_token, session, world)
      return { session, signed: sessionTokenOf(session, undefined, world, instance.mint) }
    })
    const jwt = await signed
    if (body.format !== 'cookie') return { object: 'token', jwt }
    return { object: 'cookies', cookies: cookiesOf(jwt, session, world.url(), query.suffixed_cookies) }
  },
})

export const sessionRefresh = [unauthorizedIfInvalid(refresh)]

/** An invalid body is a 401 too: that makes Clerk's SDKs redirect the browser. */
function unauthorizedIfInvalid({ endpoint, ...operation }: Operation): Operation {
  return {
    ...operation,
    endpoint(instance) {
      const { answer, ...rest } = endpoint(instance)
      return {
        ...rest,
        async answer(request) {
          try {
            return await answer(request)
          } catch (error) {
            if (error instanceof Refusal && error.answer.status === 422) return { ...error.answer, status: 401 }
            throw error
          }
        },
      }
    },
  }
}

interface RefreshRequest {
  readonly expired_token: string
  readonly request_origin: string
}

/** @throws {Refusal} if it is not a token of this session, or was issued to another origin */
async function claimsToRefresh(
  { expired_token: token, request_origin: origin }: RefreshRequest,
  sessionId: string,
  keys: KeyRing,
): Promise<OwnJwt['claims']> {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) throw new Refusal('refresh_request_origin_invalid')
  const jwt = await verifyOwnJwt(token, keys)
  if (!jwt) throw new Refusal('expired_session_token_invalid')
  const { header, claims } = jwt
  if (header['cat'] !== CATEGORIES.session_token) throw new Refusal('session_refresh_session_token_ineligible')
  if (claims['azp'] === undefined) throw new Refusal('expired_session_token_missing_azp')
  if (claims['azp'] !== origin) throw new Refusal('refresh_request_origin_azp_mismatch')
  if (claims['sid'] === undefined) throw new Refusal('expired_session_token_missing_sid')
  if (claims['sid'] !== sessionId) throw new Refusal('refresh_sid_mismatch')
  return claims
}

/** @throws {Refusal} if the session cannot be refreshed with the refresh token */
function sessionToRefresh(id: string, refreshToken: string, world: World): Session {
  const session = sessionOf(world, id)
  if (!session) throw new Refusal('session_refresh_session_not_found', `No session was found with id ${id}`)
  if (!isAlive(session)) throw new Refusal('session_refresh_inactive_session')
  if (!world.users.byId(session.user_id)) throw new Refusal('session_refresh_user_not_found')
  if (session.refresh_token !== refreshToken) throw new Refusal('refresh_token_not_found')
  return session
}

/** @throws {Refusal} */
function checkAge({ iat }: OwnJwt['claims'], nowInSeconds: number): void {
  if (iat === undefined) throw new Refusal('session_refresh_expired_session_token_missing_iat')
  if (typeof iat !== 'number') throw new Refusal('session_refresh_cannot_determine_session_token_age')
  if (nowInSeconds - iat > MAX_AGE_IN_SECONDS) throw new Refusal('session_refresh_expired_session_token_too_old')
}

/** @throws {Refusal} if the session was refreshed with this token before */
function consume(token: string, { id, consumed_tokens }: Session, world: World): void {
  const digest = createHash('sha256').update(token).digest('base64url')
  if (consumed_tokens.includes(digest)) throw new Refusal('session_refresh_expired_session_token_consumed')
  world.sessions.update(id, { consumed_tokens: [...consumed_tokens, digest].slice(-MAX_CONSUMED) })
}

/** `Set-Cookie` headers. */
function cookiesOf(jwt: string, { refresh_token }: Session, url: string, isSuffixed = false): readonly string[] {
  const suffix = `_${cookieSuffixOf(publishableKeyOf(new URL(url).host))}`
  const suffixes = isSuffixed ? ['', suffix] : ['']
  const cookies = { __session: jwt, __refresh: refresh_token }
  return Object.entries(cookies).flatMap(([name, value]) =>
    suffixes.map((end) => `${name}${end}=${value}; Path=/; SameSite=Lax`),
  )
}
