import type { JwtRules } from '../../src/kinds/kind.js'
import { ISSUER } from '../fixtures.js'

/** The rules for JWTs if only the issuer is configured. */
export const RULES: JwtRules = {
  issuers: [ISSUER],
  missingAzp: 'reject',
  clockSkewInMs: 5000,
  treatPendingAsSignedOut: true,
  machineId: undefined,
}
