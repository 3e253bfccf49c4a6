import { actorTokens } from './actor-tokens.js'
import { clients } from './clients.js'
import { interstitial } from './interstitial.js'
import { jwks } from './jwks.js'
import { jwtTemplates } from './jwt-templates.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { sessionRefresh } from './session-refresh.js'
import { sessions } from './sessions.js'
import { signInTokens } from './sign-in-tokens.js'
import { svix } from './svix.js'
import { testingTokens } from './testing-tokens.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...organizations,
  ...sessions,
  ...sessionRefresh,
  ...clients,
  ...actorTokens,
  ...signInTokens,
  ...jwtTemplates,
  ...testingTokens,
  ...svix,
  ...interstitial,
]
