import type { JwtRules } from '../../src/kinds/kind.js'
import { ISSUER } from '../fixtures.js'

/** What the configuration asks of JWTs if only the issuer is known. */
export const RULES: JwtRules = {
  issuers: [ISSUER],
  missingAzp: 'reject',
  clockSkewInMs: 5000,
  treatPendingAsSignedOut: true,
  machineId: undefined,
}
