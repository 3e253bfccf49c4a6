import * as fc from 'fast-check'
import { CLAIMS, HERE, JWT_KINDS } from './issuer.js'

/** Values of every type. */
export const anything = fc.anything({
  withSparseArray: true,
  withNullPrototype: true,
  withMap: true,
  withDate: true,
  withBigInt: true,
})
const oneOrMore = (...strings: string[]) =>
  fc.oneof(fc.constantFrom(...strings), fc.array(fc.constantFrom(...strings), { maxLength: 3 }))
const answering = fc.oneof({ weight: 2, arbitrary: fc.constant<unknown>(true) }, { weight: 1, arbitrary: anything })
const GOOD = {
  acceptsToken: fc.oneof(fc.constant('any'), oneOrMore(...JWT_KINDS, 'api_key')),
  org: fc.oneof(
    fc.constant(true),
    fc.constant(() => 'org_1'),
    anything.map((id) => () => id),
  ),
  role: oneOrMore('admin', 'org:admin', 'owner'),
  permission: oneOrMore('org:teams:read', 'teams:read', 'org:teams:write'),
  feature: oneOrMore('teams', 'org:teams', 'user:teams', 'other'),
  plan: oneOrMore('pro', 'org:pro', 'free'),
  scope: oneOrMore('invoices:read', 'invoices:write'),
  machine: oneOrMore(CLAIMS.m2m_token.sub, HERE),
  client: oneOrMore(CLAIMS.oauth_token.client_id, 'client_2'),
  impersonation: fc.constant('deny'),
  reverification: fc.constantFrom('strict_mfa', 'lax', { level: 'first_factor', afterMinutes: 1 }),
  check: answering.chain((answer) =>
    fc.constantFrom(
      () => answer,
      async () => answer,
    ),
  ),
}
const likely = (good: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: anything })

/** Requirements that an application could contain, valid and invalid. */
export const requirement = fc.record(
  Object.fromEntries(Object.entries(GOOD).map(([name, good]) => [name, likely(good)])),
  {
    requiredKeys: [],
  },
)

const pick = (whole: object, names: string[]) =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)))

/** A few fields of the same, so that some callers satisfy them. */
export const shortRequirement: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(requirement, fc.subarray(Object.keys(GOOD), { maxLength: 3 }))
  .map(([whole, names]) => pick(whole, names))
