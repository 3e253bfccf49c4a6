import { record, type Stored } from './record.js'
import { list, oneOf, orNull, string, withDefault } from './schema.js'

/** What roles can allow. */
export const Permission = record('permission', 'perm', {
  /** such as `org:invoices:read` */
  key: string({ max: 256 }),
  name: string({ min: 1, max: 256 }),
  description: withDefault(string({ max: 1024 }), ''),
})

export type Permission = Stored<typeof Permission>

/** The roles that members of an organization can have. */
export const RoleSet = record('role_set', 'rset', {
  /** such as `role_set:starter` */
  key: string({ max: 256, pattern: /^role_set:[a-z0-9_]+$/ }),
  name: string({ min: 1, max: 256 }),
  description: orNull(string({ max: 1024 })),
  role_ids: list(string(), { min: 1, max: 10 }),
  /** of new members */
  default_role_id: orNull(string()),
  /** of the creators of organizations */
  creator_role_id: orNull(string()),
  /** new organizations use the initial one */
  type: withDefault(oneOf('initial', 'custom'), 'custom'),
})

export type RoleSet = Stored<typeof RoleSet>
