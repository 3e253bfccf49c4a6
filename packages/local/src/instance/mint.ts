import type { Algorithm } from '../model/signing-key.js'
import type { Directory } from '../people/directory.js'
import { sessionForMinting } from '../people/session.js'
import type { World } from '../state/world.js'
import { apiKeyOf, type ApiKeyInput } from '../tokens/api-key.js'
import { signJwt, type Issuer, type JwtMint } from '../tokens/issuer.js'
import { signTemplateToken } from '../tokens/jwt-template.js'
import type { KeyRing } from '../tokens/keys.js'
import { m2mGrant, m2mJwtParts, m2mRecord, type M2MTokenInput } from '../tokens/m2m-token.js'
import { oauthGrant, oauthJwtParts, oauthRecord, type OAuthTokenInput } from '../tokens/oauth-token.js'
import { sessionTokenParts, type SessionTokenInput } from '../tokens/session-token.js'
import { templateGrant, templateTokenParts, type TemplateTokenInput } from '../tokens/template-token.js'
import type { LocalSettings } from '../model/settings.js'

/** Mints tokens of every kind. All functions throw a `TypeError` for invalid input. */
export interface Mint extends JwtMint {
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>
  readonly m2mToken: (input?: M2MTokenInput) => Promise<string>
  readonly oauthToken: (input?: OAuthTokenInput) => Promise<string>
  readonly apiKey: (input?: ApiKeyInput) => Promise<string>
  readonly templateToken: (input?: TemplateTokenInput) => Promise<string>
}

export interface MintSources {
  readonly world: World
  readonly directory: Directory
  readonly keys: KeyRing
  readonly algorithm: Algorithm
  readonly settings: Required<LocalSettings>
}

export function createMint({ world, directory, keys, algorithm, settings }: MintSources): Mint {
  function issuer(): Issuer {
    const nowInSeconds = Math.floor(world.now() / 1000)
    return { url: world.url(), directory, nowInSeconds, kid: keys.current.kid, algorithm }
  }

  return {
    keys,
    issuer,

    async sessionToken(input = {}) {
      const parts = sessionTokenParts(input, issuer(), (holder) => sessionForMinting(world, holder).id)
      return signJwt(parts, keys.current, input)
    },

    async m2mToken(input = {}) {
      const grant = m2mGrant(input, directory)
      if (input.format !== 'jwt') return world.m2m_tokens.add(m2mRecord(grant, world.now())).token
      return signJwt(m2mJwtParts(grant, issuer(), settings), keys.current, input)
    },

    async oauthToken(input = {}) {
      const grant = oauthGrant(input, directory)
      if (input.format === 'opaque') return world.oauth_tokens.add(oauthRecord(grant, world.now())).token
      return signJwt(oauthJwtParts(grant, issuer()), keys.current, input)
    },

    async apiKey(input = {}) {
      return world.api_keys.add(apiKeyOf(input, directory, world.now())).token
    },

    async templateToken(input = {}) {
      const { holder, template, ttlInSeconds } = templateGrant(input, world, directory)
      const parts = templateTokenParts(holder, template, ttlInSeconds, world, issuer())
      return signTemplateToken(parts, template, keys.current, input)
    },
  }
}
