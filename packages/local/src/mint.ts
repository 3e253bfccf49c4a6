import type { Instance } from './instance.js'
import { apiKeyRecordOf, type ApiKeyInput } from './tokens/api-key.js'
import { signJwt, type Issuer, type JwtMint } from './tokens/issuer.js'
import { signTemplateToken } from './tokens/jwt-template.js'
import { m2mGrant, m2mJwtParts, m2mRecord, type M2MTokenInput } from './tokens/m2m-token.js'
import { oauthGrant, oauthJwtParts, oauthRecord, type OAuthTokenInput } from './tokens/oauth-token.js'
import { sessionTokenParts, type SessionTokenInput } from './tokens/session-token.js'
import { templateGrant, templateTokenParts, type TemplateTokenInput } from './tokens/template-token.js'

/** Mints tokens of every kind. All functions throw a `TypeError` for invalid input. */
export interface Mint extends JwtMint {
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>
  readonly m2mToken: (input?: M2MTokenInput) => Promise<string>
  readonly oauthToken: (input?: OAuthTokenInput) => Promise<string>
  readonly apiKey: (input?: ApiKeyInput) => Promise<string>
  readonly templateToken: (input?: TemplateTokenInput) => Promise<string>
}

/** @param url the instance's URL, once it listens */
export function createMint(instance: Instance, url: () => string): Mint {
  const { identity, settings, clock, keys, community, machines, m2mTokens, oauthTokens, apiKeys } = instance
  const { population } = community.directory

  function issuer(): Issuer {
    const nowInSeconds = Math.floor(clock.now() / 1000)
    return { url: url(), population, nowInSeconds, kid: keys.current.kid, algorithm: identity.algorithm }
  }

  return {
    keys,
    issuer,

    async sessionToken(input = {}) {
      const parts = sessionTokenParts(input, issuer(), (holder) => community.sessions.forMinting(holder).id)
      return signJwt(parts, keys.current, input)
    },

    async m2mToken(input = {}) {
      const grant = m2mGrant(input, machines)
      if (input.format !== 'jwt') return m2mTokens.add(m2mRecord(grant, clock.now())).token
      return signJwt(m2mJwtParts(grant, issuer(), settings), keys.current, input)
    },

    async oauthToken(input = {}) {
      const grant = oauthGrant(input, population)
      if (input.format === 'opaque') return oauthTokens.add(oauthRecord(grant, clock.now())).token
      return signJwt(oauthJwtParts(grant, issuer()), keys.current, input)
    },

    async apiKey(input = {}) {
      return apiKeys.add(apiKeyRecordOf(input, population, clock.now())).token
    },

    async templateToken(input = {}) {
      const { holder, template, ttlInSeconds } = templateGrant(input, community)
      const parts = templateTokenParts(holder, template, ttlInSeconds, community, issuer())
      return signTemplateToken(parts, template, keys.current, input)
    },
  }
}
