import type { Claims } from './tokens.js'

/** One question to `has()`. */
export type Question = Readonly<Record<string, unknown>>

const PRESETS = ['strict_mfa', 'strict', 'moderate', 'lax']
const LEVELS = ['first_factor', 'second_factor', 'multi_factor']

/** Names for which the answer can only be `false`, in any field. */
const MALFORMED: readonly unknown[] = [null, '', ' ', 0, 1, true, false, Number.NaN, [], ['admin'], {}, () => true]

const MALFORMED_QUESTIONS: readonly Question[] = [
  ...['role', 'permission', 'feature', 'plan', 'reverification'].flatMap((name) =>
    MALFORMED.map((value) => ({ [name]: value })),
  ),
  ...['Strict', 'strict_MFA', 'toString', '__proto__', 'none'].map((reverification) => ({ reverification })),
  ...[0, -1, -0, Number.NaN, Number.NEGATIVE_INFINITY, '10', null, undefined, [10]].map((afterMinutes) => ({
    reverification: { level: 'first_factor', afterMinutes },
  })),
  ...['FIRST_FACTOR', 'third_factor', '', null, undefined].map((level) => ({
    reverification: { level, afterMinutes: 10 },
  })),
  {},
  { roles: 'admin' },
  { role: undefined },
  { role: undefined, permission: undefined, feature: undefined, plan: undefined, reverification: undefined },
]

/** A scope without the name that should follow. */
export const NAMELESS: readonly Question[] = ['org:', 'o:', 'user:', 'u:', ':', '::', 'x:'].flatMap((one) => [
  { feature: one },
  { plan: one },
  { role: one },
  { permission: one },
])

export function isNameless(question: Question): boolean {
  return Object.values(question).some((asked) => isString(asked) && (asked === '' || asked.split(':')[1] === ''))
}

/** Every question that the claims of a session suggest: what they grant, and near misses, in every form. */
export function questionsAbout(claims: Claims): readonly Question[] {
  const { o, org_role: role, org_permissions: permissions, fea, pla, fva } = claims
  const { rol, per } = (o ?? {}) as Claims
  const features = [...namesIn(fea), 'invoices']
  const plans = [...namesIn(pla), 'pro']
  const single = [
    ...[rol, role, 'admin', 'member'].flatMap((one) => (isString(one) ? spellingsOfRole(one) : [])),
    ...permissionsIn(permissions, features, per).flatMap(spellingsOfPermission),
    ...features.flatMap(spellingsInScope).map((feature) => ({ feature })),
    ...plans.flatMap(spellingsInScope).map((plan) => ({ plan })),
    ...PRESETS.map((reverification) => ({ reverification })),
    ...agesNear(fva).flatMap((afterMinutes) => LEVELS.map((level) => ({ reverification: { level, afterMinutes } }))),
  ]
  return [...single, ...combinationsOf(single), ...MALFORMED_QUESTIONS]
}

function spellingsOfRole(role: string): Question[] {
  return [role, `org:${role}`, `org:org:${role}`, `o:${role}`, role.replace(/^org:/, ''), `${role} `].map((one) => ({
    role: one,
  }))
}

function spellingsOfPermission(permission: string): Question[] {
  const plain = permission.replace(/^(org:)+/, '')
  return [permission, plain, `org:org:${plain}`, `${plain}:x`].map((one) => ({ permission: one }))
}

function spellingsInScope(name: string): string[] {
  const scopes = ['org', 'o', 'organization', 'user', 'u', 'ou', 'Org', 'x', '']
  return [name, `${name}:more`, `org:${name}:more`, ...scopes.map((scope) => `${scope}:${name}`)]
}

/** The first names in `fea` or `pla`, in every reading. */
function namesIn(claim: unknown): string[] {
  if (!isString(claim)) return []
  const names = claim.split(',').map((entry) => entry.trim().replace(/^[^:]*:/, ''))
  return [...new Set(names)].filter((name) => name !== '').slice(0, 4)
}

function permissionsIn(listed: unknown, features: readonly string[], per: unknown): string[] {
  const names = isString(per) ? per.split(',').map((one) => one.trim()) : ['read']
  // The first ones, those around the limit of a double, and the last.
  const some = names.length > 4 ? [...names.slice(0, 2), ...names.slice(52, 54), ...names.slice(-1)] : names
  const packed = features.flatMap((feature) => some.map((one) => `org:${feature}:${one}`))
  return [...(Array.isArray(listed) ? listed.filter(isString) : []), ...packed]
}

/** Minutes on both sides of each age in `fva`. */
function agesNear(fva: unknown): number[] {
  const ages = (Array.isArray(fva) ? fva : []).filter((age) => typeof age === 'number')
  return [...ages.flatMap((age) => [age, age + 0.5]), 0.001, 10]
}

/** Some questions combined with one other, and with two. All parts must hold. */
function combinationsOf(single: readonly Question[]): Question[] {
  const at = (i: number) => single[i % single.length]!
  return single.flatMap((one, i) =>
    i % 5 === 0
      ? [
          { ...one, ...at(i * 7 + 1) },
          { ...at(i * 5 + 2), ...at(i * 11 + 3), ...one },
        ]
      : [],
  )
}

/** A question, in a message. */
export function show(question: Question): string {
  return JSON.stringify(question, (_name, value: unknown) => (value === undefined ? 'undefined' : value))
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}
