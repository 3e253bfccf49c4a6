import { createDirectory, type Directory } from './directory.js'
import type { Membership } from './membership.js'
import { createTemplates, type JwtTemplate } from '../tokens/jwt-template.js'
import { createRecords, type Records } from '../state/records.js'
import type { Population } from '../seed/seed.js'
import { createSessions, type Sessions } from './session.js'
import type { Ticket } from './ticket.js'

/** The users and organizations, their sessions, and the templates and tickets that give them tokens. */
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

/** @throws {TypeError} if a membership or session restored from a data file refers to a missing record */
export function checkReferences({ directory, sessions }: Community): void {
  const { users, organizations, memberships, population } = directory
  const isComplete = (membership: Membership) =>
    users.byId(membership.userId) &&
    organizations.byId(membership.organizationId) &&
    population.roles.has(membership.role)
  const areComplete = memberships.all().every(isComplete) && sessions.all().every(({ userId }) => users.byId(userId))
  if (areComplete) return
  throw new TypeError('the data file refers to missing records: restore a backup, or delete it to start over')
}
