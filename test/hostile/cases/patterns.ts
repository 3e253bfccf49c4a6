import { PARTY } from '../apis.js'
import type { Table } from '../attacks.js'
import { misconfigured } from '../case.js'
import { ISSUER } from '../token.js'

export const patterns = {
  'a pattern instead of a string in the configuration': misconfigured({
    'for the issuer': { issuer: /^https:\/\/clerk\./ },
    'for the issuer, with the global flag': { issuer: /clerk/g },
    'for the issuer, among strings': { issuer: [ISSUER, /.*/] },
    'for the audience': { audience: /api/ },
    'for the audience, among strings': { audience: ['api', /^(a+)+$/] },
    'for the parties': { authorizedParties: /^https/ },
    'for the parties, among strings': { authorizedParties: [PARTY, /^(a+)+$/g] },
    'for the machine': { machineId: /^mch_/ },
    'for the realm': { realm: /api/ },
    'a function for the issuer': { issuer: () => true },
    'an empty list of issuers': { issuer: [] },
    'an empty issuer': { issuer: '' },
    'an empty list of audiences': { audience: [] },
    'an empty audience among strings': { audience: ['api', ''] },
    'an empty list of parties': { authorizedParties: [] },
    'an empty party': { authorizedParties: '' },
  }),
} satisfies Partial<Table<'grants'>>
