import { jwks } from './jwks.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [...jwks, ...organizations]
