import { jwks } from './jwks.js'
import { memberships } from './memberships.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { users } from './users/users.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...memberships,
  ...organizations,
  ...users,
]
