export interface Permission {
  readonly feature: string
  readonly action: string
}

/** The organization claims of a v2 session token, with Clerk's names. */
export interface EncodedPermissions {
  /** features with their scope: `o:invoices,o:reports` */
  readonly fea: string
  /** actions without their feature: `create,read` */
  readonly per: string
  /** a decimal bit mask per feature of `fea`, whose lowest bit is the first entry of `per`: `3,2` */
  readonly fpm: string
}

/** Excludes the characters with a special meaning in `fea` and `per`. */
const NAME = /^[^\s:,]+$/

export function isFeatureName(name: string): boolean {
  return NAME.test(name)
}

/**
 * @param key such as `org:invoices:create`
 * @throws {TypeError} if it has another format, or is a system permission, which Clerk never puts in a token
 */
export function parsePermission(key: string): Permission {
  const [scope, feature = '', action = '', ...rest] = key.split(':')
  if (scope === 'org' && feature.startsWith('sys_'))
    throw new TypeError(`"${key}" is a system permission: tokens never contain those`)
  if (scope !== 'org' || !NAME.test(feature) || !NAME.test(action) || rest.length > 0)
    throw new TypeError(`"${key}" is not a permission of the form org:<feature>:<permission>`)
  return { feature, action }
}

/** @param features of the organization; those named only by a permission are added after them */
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
