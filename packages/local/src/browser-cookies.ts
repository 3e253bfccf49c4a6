import type { Community } from './community.js'
import { signJwt, type JwtMint } from './issuer.js'
import type { Session } from './session.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

/** What the browser of somebody who is signed in holds in its cookies. */
export interface BrowserCookies {
  /** `__session`: a session token */
  readonly session: string
  /** `__refresh`: what the session is refreshed by when that has expired */
  readonly refresh: string
  /** `__client`: a JWT that stands for the browser itself */
  readonly client: string
}

/** @throws {TypeError} when the input names what is not there, or has a field of the wrong type */
export async function browserCookies(
  input: SessionTokenInput,
  { sessions }: Community,
  { keys, issuer }: JwtMint,
): Promise<BrowserCookies> {
  let session: Session | undefined
  const parts = sessionTokenParts(input, issuer(), (holder) => (session = sessions.ofMinted(holder)).id)
  const client = sessions.clients.byId(session?.clientId ?? '')
  if (!session || !client) throw new Error('a session has no client')
  const { algorithm, kid } = issuer()
  const ofClient = {
    header: { alg: algorithm, kid, typ: 'JWT' },
    claims: { id: client.id, rotating_token: client.rotatingToken },
  }
  return {
    session: await signJwt(parts, keys.current, input),
    refresh: session.refreshToken,
    client: await signJwt(ofClient, keys.current),
  }
}
