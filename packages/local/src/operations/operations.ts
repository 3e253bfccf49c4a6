import { emailAddresses } from './email-addresses.js'
import { factors } from './factors.js'
import { images } from './images.js'
import { jwks } from './jwks.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { phoneNumbers } from './phone-numbers.js'
import { userAccounts } from './user-accounts.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...organizations,
  ...emailAddresses,
  ...phoneNumbers,
  ...factors,
  ...userAccounts,
  ...images,
]
