import { createHash } from 'node:crypto'
import { jsonAnswer, type Answer } from '../api/answer.js'
import type { Community } from '../people/community.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import type { JwtMint } from '../tokens/issuer.js'
import { verifyOwnJwt, type OwnJwt } from '../tokens/own-jwt.js'
import { cookieSuffixOf, publishableKeyOf } from '../tokens/publishable-key.js'
import { isAlive, type Session } from '../people/session.js'
import { CATEGORIES } from '../tokens/token-kind.js'
import { sessionTokenOf } from '../tokens/token-of-session.js'
import { tokenAnswer } from './session-api.js'

/** Clerk does not document its limit. */
const MAX_AGE_IN_SECONDS = 86_400

/** Exchanges an expired token and the browser's refresh token for a new token. */
export function refreshSession(community: Community, mint: JwtMint): Endpoint {
  return {
    operation: 'RefreshSession',
    method: 'POST',
    path: '/v1/sessions/:session_id/refresh',
    answer: (request) => refresh(request, community, mint).catch(unauthorized),
  }
}

async function refresh(request: EndpointRequest, community: Community, mint: JwtMint): Promise<Answer> {
  const body = await readBodyFields(request, BODY_FIELDS, { strict: true })
  const { suffixed_cookies: suffixed } = readQueryFields(request, QUERY_FIELDS)
  const expired = await readExpiredToken(body, request, mint)
  const session = sessionToRefresh(request, body.refresh_token, community)
  checkAge(expired.claims, mint.issuer().nowInSeconds)
  const digest = createHash('sha256').update(body.expired_token).digest('base64url')
  if (session.consumedTokens.includes(digest)) throw new Refusal('session_refresh_expired_session_token_consumed')

  const consumedTokens = [...session.consumedTokens, digest].slice(-MAX_CONSUMED)
  community.sessions.update(session.id, { consumedTokens })
  const jwt = await sessionTokenOf(session, undefined, community, mint)
  return body.format === 'cookie' ? cookiesAnswer(jwt, session, mint, suffixed) : tokenAnswer(jwt)
}

const MAX_CONSUMED = 100

/** An invalid body is a 401 too: that makes Clerk's SDKs redirect the browser. */
function unauthorized(error: unknown): Answer {
  if (error instanceof Refusal && error.answer.status === 422) return { ...error.answer, status: 401 }
  throw error
}

/** @throws {Refusal} if it is not a token of this session, or was issued to another origin */
async function readExpiredToken(
  { expired_token: token, request_origin: origin }: { readonly expired_token: string; readonly request_origin: string },
  request: EndpointRequest,
  { keys }: JwtMint,
): Promise<OwnJwt> {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) throw new Refusal('refresh_request_origin_invalid')
  const jwt = await verifyOwnJwt(token, keys)
  if (!jwt) throw new Refusal('expired_session_token_invalid')
  const { header, claims } = jwt
  if (header['cat'] !== CATEGORIES.session_token) throw new Refusal('session_refresh_session_token_ineligible')
  if (claims['azp'] === undefined) throw new Refusal('expired_session_token_missing_azp')
  if (claims['azp'] !== origin) throw new Refusal('refresh_request_origin_azp_mismatch')
  if (claims['sid'] === undefined) throw new Refusal('expired_session_token_missing_sid')
  if (claims['sid'] !== request.params['session_id']) throw new Refusal('refresh_sid_mismatch')
  return jwt
}

/** @throws {Refusal} if the session cannot be refreshed with the refresh token */
function sessionToRefresh(
  { params: { session_id: id = '' } }: EndpointRequest,
  refreshToken: string,
  { directory, sessions }: Community,
): Session {
  const session = sessions.byId(id)
  if (!session) throw new Refusal('session_refresh_session_not_found', `No session was found with id ${id}`)
  if (!isAlive(session)) throw new Refusal('session_refresh_inactive_session')
  if (!directory.users.byId(session.userId)) throw new Refusal('session_refresh_user_not_found')
  if (session.refreshToken !== refreshToken) throw new Refusal('refresh_token_not_found')
  return session
}

/** @throws {Refusal} */
function checkAge({ iat }: OwnJwt['claims'], nowInSeconds: number): void {
  if (iat === undefined) throw new Refusal('session_refresh_expired_session_token_missing_iat')
  if (typeof iat !== 'number') throw new Refusal('session_refresh_cannot_determine_session_token_age')
  if (nowInSeconds - iat > MAX_AGE_IN_SECONDS) throw new Refusal('session_refresh_expired_session_token_too_old')
}

function cookiesAnswer(jwt: string, session: Session, { issuer }: JwtMint, suffixed = false): Answer {
  const suffix = `_${cookieSuffixOf(publishableKeyOf(new URL(issuer().url).host))}`
  const cookies = { __session: jwt, __refresh: session.refreshToken }
  const names = (name: string) => (suffixed ? [name, name + suffix] : [name])
  return jsonAnswer({
    object: 'cookies',
    cookies: Object.entries(cookies).flatMap(([name, value]) =>
      names(name).map((cookie) => `${cookie}=${value}; Path=/; SameSite=Lax`),
    ),
  })
}

const BODY_FIELDS = {
  expired_token: { type: 'string', required: true },
  refresh_token: { type: 'string', required: true },
  request_origin: { type: 'string', required: true },
  request_headers: { type: 'object', nullable: true },
  format: { type: 'string', nullable: true, oneOf: ['token', 'cookie'] },
  request_originating_ip: { type: 'string', nullable: true },
} as const

const QUERY_FIELDS = { suffixed_cookies: { type: 'boolean' } } as const
