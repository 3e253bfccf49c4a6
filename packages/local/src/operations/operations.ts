import { identifierLists } from './identifier-lists.js'
import { invitations } from './invitations.js'
import { jwks } from './jwks.js'
import { messageTemplates } from './message-templates.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { signUps } from './sign-ups.js'
import { waitlistEntries } from './waitlist-entries.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...organizations,
  ...invitations,
  ...identifierLists,
  ...waitlistEntries,
  ...signUps,
  ...messageTemplates,
]
