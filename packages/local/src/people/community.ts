import { createDirectory, type Directory } from './directory.js'
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
