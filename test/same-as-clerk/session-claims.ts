import * as fc from 'fast-check'
import type { Claims } from './tokens.js'
import { isIJson } from '../properties/i-json.js'

/** Names of features, plans and permissions: plain ones, and ones that could be confused with something else. */
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('invoices', 'teams', 'reports', 'billing', 'sso') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'org',
      'user',
      'o',
      'u',
      'o:x',
      'a:b:c',
      'sys_x',
      '__proto__',
      'toString',
      'Ärger',
      '🔑',
    ),
  },
  // A comma would end the entry, and surrounding whitespace belongs to the list.
  {
    weight: 2,
    arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !/^\s|,|\s$/.test(text)),
  },
)

const scope = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('o', 'u', 'ou', 'uo') },
  { weight: 1, arbitrary: fc.constantFrom('', 'x', 'O', 'oo', 'org', 'user', 'uou') },
)

const padding = fc.constantFrom('', '', '', ' ', '\t', '  ')

function joined(entry: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> {
  const padded = fc.tuple(padding, entry, padding).map((parts) => parts.join(''))
  return fc.array(padded, { maxLength }).map((entries) => entries.join(','))
}

/** `fea` and `pla`: entries with their scope. */
const scoped = joined(
  fc.tuple(scope, name).map(([of, what]) => `${of}:${what}`),
  8,
)

/** `fpm`: masks that fit, have too many bits, exceed a double, or are invalid. */
const mask = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(0n, 255n).map(String) },
  { weight: 3, arbitrary: fc.bigInt(0n, 2n ** 80n).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 50, max: 70 }).map((bit) => String(2n ** BigInt(bit) + 1n)) },
  { weight: 1, arbitrary: fc.bigInt(0n, 255n).map((bits) => `000${bits}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '-1', '1.5', '1x', '0x3', '1e3', '+1', '٣', 'NaN', '1 1') },
)

/** `per`: a few, or more than a double has bits. */
const permissions = fc.oneof(
  { weight: 5, arbitrary: joined(fc.oneof({ weight: 9, arbitrary: name }, fc.constant('')), 6) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 54, max: 72 }).map((count) => Array.from({ length: count }, permission).join()),
  },
)

function permission(_: unknown, i: number): string {
  return `p${i}`
}

const text = fc.oneof(
  fc.constantFrom('acme', 'globex'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter(isIJson),
)
const role = fc
  .oneof(fc.constantFrom('admin', 'member', 'billing:manager', 'Admin'), text)
  .filter((one) => !one.startsWith('org:'))

const age = fc.oneof(
  fc.constantFrom(-1, 0, 1, 9, 10, 11, 59, 60, 61, 1439, 1440, 1441),
  fc.integer({ min: 0, max: 2000 }),
  fc.double({ min: 0, max: 100, noNaN: true }),
)

const actor = fc.oneof(
  fc.record({ sub: text, iss: text, sid: text, type: fc.constant('agent') }, { requiredKeys: ['sub'] }),
  fc.record({ sub: text, act: fc.record({ sub: text }) }),
  fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })),
)

const factorAges = fc.tuple(age, age)

/** What a session customization or a template may add: Clerk does not allow the claims that it sets itself. */
export const custom = fc
  .dictionary(
    fc.oneof(fc.constantFrom('plan', 'metadata', '__proto__', 'constructor', 'has', 'userId'), text),
    fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }).filter(isIJson),
    { maxKeys: 4 },
  )
  .map((claims): Claims => Object.fromEntries(Object.entries(claims).filter(([claim]) => !RESERVED.has(claim))))

const common = {
  fva: factorAges,
  sts: fc.constantFrom('active', 'pending'),
  act: actor,
  jti: text,
  azp: fc.webUrl(),
  fea: scoped,
  pla: scoped,
}

const organization = fc.record(
  { id: text, slg: text, rol: role, per: permissions, fpm: joined(mask, 9) },
  { requiredKeys: ['id'] },
)

/** Everything that a session token of the second format can contain, and custom claims with the names of the first. */
export const version2 = claimsOf({
  v: fc.constant(2),
  o: organization,
  org_id: text,
  org_role: role,
  org_permissions: fc.array(name),
})

const permissionOfVersion1 = fc
  .tuple(fc.constantFrom('org:', 'org:', ''), name, name)
  .map(([of, feature, permission]) => `${of}${feature}:${permission}`)

const organizationOfVersion1 = fc.record(
  {
    org_id: text,
    org_slug: text,
    org_role: role.map((one) => `org:${one}`),
    org_permissions: fc.array(permissionOfVersion1),
  },
  { requiredKeys: ['org_id'] },
)

/** Everything that one of the first format can contain, and custom claims with the names of the second. */
export const version1 = fc
  .tuple(
    claimsOf({ v: fc.constantFrom(undefined, undefined, undefined, 1, 3, '2', null, 2.5), o: organization }),
    fc.option(organizationOfVersion1, { nil: {} }),
  )
  .map(([claims, active]): Claims => ({ ...claims, ...active }))

function claimsOf(format: { readonly v: fc.Arbitrary<unknown>; readonly [name: string]: fc.Arbitrary<unknown> }) {
  return fc
    .tuple(fc.record({ ...common, ...format }, { requiredKeys: ['v'] }), custom)
    .map(([claims, added]): Claims => ({ ...added, ...claims }))
}

const RESERVED = new Set(
  'iss sub sid iat nbf exp azp aud jti v o fea pla fva sts act org_id org_slug org_role org_permissions'.split(' '),
)

/** Any invalid value of the claim, and parts of a valid one. */
const wrong = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, '', ' ', ',', ':', [], {}, ['o:invoices'], { id: 1 }),
  fc.jsonValue({ maxDepth: 1 }),
)

function brokenOf(right: fc.Arbitrary<unknown>, ...broken: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> {
  const others = broken.map((arbitrary) => ({ weight: 2, arbitrary }))
  return fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: wrong }, ...others)
}

/** With an entry without a scope, or without a name. */
const brokenScoped = brokenOf(scoped, joined(fc.oneof(name, fc.constantFrom('', 'o:', 'u:', ':', 'o:invoices')), 4))

const brokenOrganization = brokenOf(
  organization,
  fc.record(
    {
      id: brokenOf(text),
      slg: brokenOf(text),
      rol: brokenOf(role, fc.constantFrom('org:', 'org:admin', 'org:org:admin')),
      per: brokenOf(permissions),
      fpm: brokenOf(joined(mask, 9), fc.integer({ min: 0, max: 7 })),
    },
    { requiredKeys: [] },
  ),
)

/** Claims of either format in which anything may be malformed. */
export const malformed = claimsOf({
  v: fc.constantFrom(2, 2, 2, 1, undefined, '2', null),
  o: brokenOrganization,
  fea: brokenScoped,
  pla: brokenScoped,
  fva: brokenOf(factorAges, fc.array(brokenOf(age), { maxLength: 3 })),
  sts: brokenOf(fc.constantFrom('active', 'Pending')),
  act: brokenOf(actor),
  org_id: brokenOf(text),
  org_slug: brokenOf(text),
  org_role: brokenOf(role, fc.constantFrom('org:', 'org:admin', 'org:org:admin')),
  org_permissions: brokenOf(fc.array(permissionOfVersion1), fc.array(brokenOf(permissionOfVersion1))),
})
