import type { Session } from '../model/session.js'
import { sessionForMinting } from '../people/session.js'
import type { World } from '../state/world.js'
import { idOf } from '../model/ids.js'
import { signJwt, type JwtMint } from './issuer.js'
import { cookieSuffixOf, publishableKeyOf } from './publishable-key.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

/** The cookies in the browser of a signed-in user. */
export interface BrowserCookies {
  /** `__session`: a session token */
  readonly session: string
  /** `__refresh`: refreshes the session when the session token has expired */
  readonly refresh: string
  /** `__client`: a JWT that identifies the browser */
  readonly client: string
  /** `__client_uat`: when the user signed in, in seconds since the epoch */
  readonly clientUat: string
  /** `__clerk_db_jwt`: identifies the browser; without it, Clerk's SDKs ignore the cookies of a development instance */
  readonly devBrowser: string
  /**
   * `Cookie` header of its requests to your API: each cookie with and without the suffix of the instance, except
   * `__client`, which a browser sends only to Clerk
   */
  readonly header: string
}

/** @throws {TypeError} if the input names something that does not exist, or a field has the wrong type */
export async function browserCookies(
  input: SessionTokenInput,
  world: World,
  { keys, issuer }: JwtMint,
): Promise<BrowserCookies> {
  let session: Session | undefined
  const parts = sessionTokenParts(input, issuer(), (holder) => (session = sessionForMinting(world, holder)).id)
  const client = world.clients.byId(session?.client_id ?? '')
  if (!session || !client) throw new Error('a session has no client')
  const { algorithm, kid, url } = issuer()
  const ofClient = {
    header: { alg: algorithm, kid, typ: 'JWT' },
    claims: { id: client.id, rotating_token: client.rotating_token },
  }
  const cookies = {
    session: await signJwt(parts, keys.current, input),
    refresh: session.refresh_token,
    clientUat: String(signedInAt(session, parts.claims)),
    devBrowser: idOf('dvb', client.id),
  }
  return { ...cookies, client: await signJwt(ofClient, keys.current), header: headerOf(cookies, url) }
}

/** In seconds. At most the `iat` of the token: even an expired token was issued after the sign-in. */
function signedInAt({ created_at }: Session, { iat }: { readonly iat?: unknown }): number {
  const at = Math.floor(created_at / 1000)
  return typeof iat === 'number' ? Math.min(at, iat) : at
}

function headerOf(
  { session, refresh, clientUat, devBrowser }: Omit<BrowserCookies, 'client' | 'header'>,
  url: string,
): string {
  const suffix = cookieSuffixOf(publishableKeyOf(new URL(url).host))
  const cookies = { __session: session, __refresh: refresh, __client_uat: clientUat, __clerk_db_jwt: devBrowser }
  const pairs = Object.entries(cookies).flatMap(([name, value]) => [`${name}=${value}`, `${name}_${suffix}=${value}`])
  return pairs.join('; ')
}
