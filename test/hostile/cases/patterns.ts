import { PARTY } from '../apis.js'
import type { Table } from '../attacks.js'
import { misconfigured } from '../case.js'
import { ISSUER } from '../token.js'

export const patterns = {
  'a pattern where a text belongs, in the configuration': misconfigured({
    'for the issuer': { issuer: /^https:\/\/clerk\./ },
    'for the issuer, with a state': { issuer: /clerk/g },
    'for the issuer, among texts': { issuer: [ISSUER, /.*/] },
    'for the audience': { audience: /api/ },
    'for the audience, among texts': { audience: ['api', /^(a+)+$/] },
    'for the parties': { authorizedParties: /^https/ },
    'for the parties, among texts': { authorizedParties: [PARTY, /^(a+)+$/g] },
    'for the machine': { machineId: /^mch_/ },
    'for the realm': { realm: /api/ },
    'a function for the issuer': { issuer: () => true },
    'no issuer at all': { issuer: [] },
    'an empty issuer': { issuer: '' },
    'no audience at all': { audience: [] },
    'an empty audience among texts': { audience: ['api', ''] },
    'no party at all': { authorizedParties: [] },
    'an empty party': { authorizedParties: '' },
  }),
} satisfies Partial<Table<'grants'>>
