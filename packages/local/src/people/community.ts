import { createDirectory, type Directory } from './directory.js'
import type { Membership } from './membership.js'
import { createTemplates, type JwtTemplate } from '../tokens/jwt-template.js'
import { createRecords, type Records } from '../state/records.js'
import type { Population } from '../seed/seed.js'
import { createSessions, type Sessions } from './session.js'
import type { Ticket } from './ticket.js'

/** Who is there, who is signed in, and what gives them tokens. */
export interface Community {
  readonly directory: Directory
  readonly sessions: Sessions
  readonly templates: Records<JwtTemplate>
  readonly tickets: Records<Ticket>
  readonly now: () => number
}

export function createCommunity(seed: Population, now: () => number): Community {
  return {
    directory: createDirectory(seed, now),
    sessions: createSessions(now),
    templates: createTemplates(now()),
    tickets: createRecords<Ticket>(),
    now,
  }
}

/** @throws {TypeError} when something that a data file had is of somebody, or of something, that it had not */
export function checkReferences({ directory, sessions }: Community): void {
  const { users, organizations, memberships, population } = directory
  const isWhole = (membership: Membership) =>
    users.byId(membership.userId) &&
    organizations.byId(membership.organizationId) &&
    population.roles.has(membership.role)
  const areWhole = memberships.all().every(isWhole) && sessions.all().every(({ userId }) => users.byId(userId))
  if (areWhole) return
  throw new TypeError('the data file refers to what is not in it: restore a copy, or delete it to begin anew')
}
