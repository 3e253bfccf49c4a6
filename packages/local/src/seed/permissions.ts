export interface Permission {
  readonly feature: string
  readonly action: string
}

/** The organization's share of a v2 session token, by Clerk's names. */
export interface EncodedPermissions {
  /** features with their scope: `o:invoices,o:reports` */
  readonly fea: string
  /** what can be permitted, without its feature: `create,read` */
  readonly per: string
  /** a decimal bit mask per feature of `fea`, whose lowest bit is the first entry of `per`: `3,2` */
  readonly fpm: string
}

/** Characters that have no meaning of their own in `fea` and `per`. */
const NAME = /^[^\s:,]+$/

export function isFeatureName(name: string): boolean {
  return NAME.test(name)
}

/**
 * @param key such as `org:invoices:create`
 * @throws {TypeError} when it has another form, or is a system permission, which Clerk never puts in a token
 */
export function parsePermission(key: string): Permission {
  const [scope, feature = '', action = '', ...rest] = key.split(':')
  if (scope === 'org' && feature.startsWith('sys_'))
    throw new TypeError(`"${key}" is a system permission, and those are never in a token`)
  if (scope !== 'org' || !NAME.test(feature) || !NAME.test(action) || rest.length > 0)
    throw new TypeError(`"${key}" is not a permission of the form org:<feature>:<permission>`)
  return { feature, action }
}

/** @param features of the organization; those that only a permission names come after them */
export function encodePermissions(features: readonly string[], keys: readonly string[]): EncodedPermissions {
  const permissions = keys.map(parsePermission)
  const allFeatures = unique([...features, ...permissions.map(({ feature }) => feature)])
  const actions = unique(permissions.map(({ action }) => action))
  const masks = allFeatures.map((feature) => {
    const granted = unique(
      permissions.filter((permission) => permission.feature === feature).map(({ action }) => action),
    )
    return granted.reduce((mask, action) => mask | (1n << BigInt(actions.indexOf(action))), 0n)
  })
  return {
    fea: allFeatures.map((feature) => `o:${feature}`).join(','),
    per: actions.join(','),
    fpm: masks.join(','),
  }
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
