import { createClerkAuth, type AcceptsToken, type ClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { OTHER_ISSUER, type Issuers } from './issuer.js'
import { RSA } from './keys.js'
import { HERE, ISSUER, NOW } from './token.js'

export const PARTY = 'https://app.hostile.example'
export const AUDIENCE = 'https://api.hostile.example'
export const PUBLISHABLE_KEY = `pk_test_${Buffer.from('clerk.hostile.example$').toString('base64')}`

const PEM = RSA.publicKey.export({ format: 'pem', type: 'spki' }) as string

/** Keys as an operator may configure them, and as an attacker who read the documentation may guess them. */
export const CONFIGURED = {
  pem: PEM,
  'PEM after white space': `\n  ${PEM}`,
  'PEM without its line ends': PEM.replaceAll('\n', '\\n'),
  'bare base64': PEM.replace(/-----[A-Z ]+-----|\s/g, ''),
  JWK: JSON.stringify(RSA.jwk),
} as const

const usual = (issuers: Issuers): ClerkAuthOptions => ({
  frontendApiUrl: issuers.ours.url,
  issuer: ISSUER,
  secretKey: 'sk_test_hostile_0123456789',
  apiUrl: issuers.ours.url,
  machineId: HERE,
})

const withKey = (jwtKey: string) => (issuers: Issuers) => ({ ...usual(issuers), jwtKey })

/** The configurations that meet the attacks. */
export const APIS = {
  usual,
  'with an audience': (issuers) => ({ ...usual(issuers), audience: ['https://first.example', AUDIENCE] }),
  'with parties': (issuers) => ({ ...usual(issuers), authorizedParties: ['https://first.example', PARTY] }),
  'with parties or none': (issuers) => ({ ...usual(issuers), authorizedParties: PARTY, missingAzp: 'allow' }),
  'that lets pending sessions in': (issuers) => ({ ...usual(issuers), treatPendingAsSignedOut: false }),
  'with cookies': (issuers) => ({
    ...usual(issuers),
    cookies: true,
    publishableKey: PUBLISHABLE_KEY,
    authorizedParties: ['https://first.example', PARTY],
  }),
  'of another instance': (issuers) => ({ ...usual(issuers), frontendApiUrl: issuers.other.url }),
  'of another issuer': (issuers) => ({ ...usual(issuers), issuer: OTHER_ISSUER }),
  'with a key: pem': withKey(CONFIGURED.pem),
  'with a key: PEM after white space': withKey(CONFIGURED['PEM after white space']),
  'with a key: PEM without its line ends': withKey(CONFIGURED['PEM without its line ends']),
  'with a key: bare base64': withKey(CONFIGURED['bare base64']),
  'with a key: JWK': withKey(CONFIGURED.JWK),
} as const satisfies Record<string, (issuers: Issuers) => ClerkAuthOptions>

export type ApiName = keyof typeof APIS

/** An instance of the toolkit under attack, and all that it says and does. */
export interface Attacked {
  readonly clerk: ClerkAuth<AcceptsToken>
  /** Each as JSON. */
  readonly events: readonly string[]
}

/** The verifier's clock, which the cases move. */
export interface MovableClock {
  now: number
}

export function movableClock(): MovableClock {
  return { now: NOW }
}

export function attacked(api: ApiName, issuers: Issuers, clock: MovableClock): Attacked {
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
