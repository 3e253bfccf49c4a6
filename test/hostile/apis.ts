import { createClerkAuth, type AcceptsToken, type ClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { OTHER_ISSUER, type Issuers } from './issuer.js'
import { RSA } from './keys.js'
import { HERE, ISSUER, NOW } from './token.js'

export const PARTY = 'https://app.hostile.example'
export const AUDIENCE = 'https://api.hostile.example'
export const PUBLISHABLE_KEY = `pk_test_${Buffer.from('clerk.hostile.example$').toString('base64')}`

const PEM = RSA.publicKey.export({ format: 'pem', type: 'spki' }) as string

/** The public key in every form that an operator may configure, and that an attacker may therefore guess. */
export const CONFIGURED = {
  pem: PEM,
  'PEM after whitespace': `\n  ${PEM}`,
  'PEM with escaped line breaks': PEM.replaceAll('\n', '\\n'),
  'bare base64': PEM.replace(/-----[A-Z ]+-----|\s/g, ''),
  JWK: JSON.stringify(RSA.jwk),
} as const

const defaults = (issuers: Issuers): ClerkAuthOptions => ({
  frontendApiUrl: issuers.ours.url,
  issuer: ISSUER,
  secretKey: 'sk_test_hostile_0123456789',
  apiUrl: issuers.ours.url,
  machineId: HERE,
})

const withKey = (jwtKey: string) => (issuers: Issuers) => ({ ...defaults(issuers), jwtKey })

/** The configurations under attack. */
export const APIS = {
  default: defaults,
  'with an audience': (issuers) => ({ ...defaults(issuers), audience: ['https://first.example', AUDIENCE] }),
  'with parties': (issuers) => ({ ...defaults(issuers), authorizedParties: ['https://first.example', PARTY] }),
  'with optional parties': (issuers) => ({ ...defaults(issuers), authorizedParties: PARTY, missingAzp: 'allow' }),
  'that accepts pending sessions': (issuers) => ({ ...defaults(issuers), treatPendingAsSignedOut: false }),
  'with cookies': (issuers) => ({
    ...defaults(issuers),
    cookies: true,
    publishableKey: PUBLISHABLE_KEY,
    authorizedParties: ['https://first.example', PARTY],
  }),
  'of another instance': (issuers) => ({ ...defaults(issuers), frontendApiUrl: issuers.other.url }),
  'of another issuer': (issuers) => ({ ...defaults(issuers), issuer: OTHER_ISSUER }),
  'with a key: pem': withKey(CONFIGURED.pem),
  'with a key: PEM after whitespace': withKey(CONFIGURED['PEM after whitespace']),
  'with a key: PEM with escaped line breaks': withKey(CONFIGURED['PEM with escaped line breaks']),
  'with a key: bare base64': withKey(CONFIGURED['bare base64']),
  'with a key: JWK': withKey(CONFIGURED.JWK),
} as const satisfies Record<string, (issuers: Issuers) => ClerkAuthOptions>

export type ApiName = keyof typeof APIS

/** An instance under attack, and the events it emits. */
export interface Target {
  readonly clerk: ClerkAuth<AcceptsToken>
  /** JSON strings. */
  readonly events: readonly string[]
}

/** The verifier's clock, which a case can move. */
export interface MovableClock {
  now: number
}

export function movableClock(): MovableClock {
  return { now: NOW }
}

export function createTarget(api: ApiName, issuers: Issuers, clock: MovableClock): Target {
  const events: string[] = []
  const clerk = createClerkAuth<AcceptsToken>(
    {
      ...APIS[api](issuers),
      now: () => clock.now,
      onEvent: (event) => events.push(JSON.stringify(event)),
    },
    {},
  )
  return { clerk, events }
}
