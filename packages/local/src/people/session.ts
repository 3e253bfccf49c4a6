import { activitiesOf } from './activity.js'
import { idOf, newId, randomWord } from '../state/ids.js'
import { createRecords, type Records } from '../state/records.js'
import type { Activity } from './user.js'

/** Times are milliseconds since the epoch. */
export interface Session {
  /** `sess_…`, the `sid` of its tokens */
  readonly id: string
  readonly userId: string
  readonly clientId: string
  readonly status: 'active' | 'pending' | 'revoked' | 'expired'
  /** who impersonates the user */
  readonly actor: object | null
  readonly organizationId: string | null
  /** for tokens minted in code: the id of the first session for the same holder, which this one is or replaces */
  readonly mintedAs: string | null
  /** what a browser refreshes the session with */
  readonly refreshToken: string
  /** digests of the expired tokens that it was refreshed with; each can be used once */
  readonly consumedTokens: readonly string[]
  readonly lastActiveAt: number
  readonly expireAt: number
  readonly abandonAt: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** A browser or other client that holds sessions. */
export interface SessionClient {
  /** `client_…` */
  readonly id: string
  /** changes with every sign-out, which invalidates the browser's old cookies */
  readonly rotatingToken: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** The user, organization and actor of a session. */
export interface SessionHolder {
  readonly userId: string
  readonly organizationId: string | null
  readonly actor: object | null
  readonly status?: 'active' | 'pending'
}

export interface Sessions {
  /** newest first */
  readonly all: () => readonly Session[]
  readonly byId: (id: string) => Session | undefined
  /** as last written: some may have expired since */
  readonly records: Records<Session>
  readonly clients: Records<SessionClient>
  /** Signs a user in on a new client. */
  readonly create: (holder: SessionHolder, maxDurationInMs?: number) => Session
  /** The session of tokens minted in code: one per holder while it is alive. */
  readonly forMinting: (holder: SessionHolder) => Session
  readonly update: (id: string, changes: Partial<Session>) => Session | undefined
  readonly revoke: (id: string) => Session | undefined
  /** Switches the user's sessions from one organization to another, or to none. */
  readonly leave: (userId: string, organizationId: string, next: string | null) => void
  readonly removeByUser: (userId: string) => void
  readonly activityOf: (userId: string) => Activity
}

const DAY_IN_MS = 86_400_000
const MAX_DURATION_IN_MS = 7 * DAY_IN_MS
const ABANDONED_AFTER_IN_MS = 30 * DAY_IN_MS

export function createSessions(now: () => number): Sessions {
  const sessions = createRecords<Session>()
  const clients = createRecords<SessionClient>()
  let minted = new Map<string, string>()
  const isMinted = (session: Session): session is Session & { mintedAs: string } => session.mintedAs !== null
  sessions.watch((change) => {
    if (change.kind === 'removed') {
      // Not rebuilt: removing a user may remove thousands of sessions.
      const { mintedAs, id } = change.before
      if (mintedAs !== null && minted.get(mintedAs) === id) minted.delete(mintedAs)
    } else if (change.kind === 'replaced')
      minted = new Map(
        sessions
          .all()
          .filter(isMinted)
          .map(({ mintedAs, id }) => [mintedAs, id]),
      )
    else if (isMinted(change.after)) minted.set(change.after.mintedAs, change.after.id)
  })

  const asOfNow = (session: Session): Session =>
    isAlive(session) && now() >= session.expireAt ? { ...session, status: 'expired' } : session
  const byId = (id: string) => {
    const session = sessions.byId(id)
    return session && asOfNow(session)
  }
  const all = () => sessions.all().map(asOfNow).toReversed()

  function clientOf(id: string): SessionClient {
    const fresh = { id, rotatingToken: randomWord(42), createdAt: now(), updatedAt: now() }
    return clients.byId(id) ?? clients.set(fresh)
  }

  function start(
    ids: { readonly id: string; readonly clientId: string; readonly mintedAs: string | null },
    { userId, organizationId, actor, status = 'active' }: SessionHolder,
    maxDurationInMs = MAX_DURATION_IN_MS,
  ): Session {
    const at = now()
    return sessions.set({
      ...ids,
      clientId: clientOf(ids.clientId).id,
      userId,
      status,
      actor,
      organizationId,
      refreshToken: randomWord(42),
      consumedTokens: [],
      lastActiveAt: at,
      expireAt: at + maxDurationInMs,
      abandonAt: at + Math.max(maxDurationInMs, ABANDONED_AFTER_IN_MS),
      createdAt: at,
      updatedAt: at,
    })
  }

  function update(id: string, changes: Partial<Session>): Session | undefined {
    const session = byId(id)
    return session && sessions.set({ ...session, ...changes, updatedAt: now() })
  }

  return {
    all,
    byId,
    clients,
    records: sessions,
    create: (holder, maxDurationInMs) =>
      start({ id: newId('sess'), clientId: newId('client'), mintedAs: null }, holder, maxDurationInMs),
    forMinting(holder) {
      const { userId, organizationId } = holder
      const mintedAs = firstSessionId(holder)
      const current = byId(minted.get(mintedAs) ?? '')
      if (current && isAlive(current) && current.organizationId === organizationId)
        return sessions.set({ ...current, lastActiveAt: now() })
      const id = sessions.byId(mintedAs) ? newId('sess') : mintedAs
      return start({ id, clientId: idOf('client', `browser:${userId}`), mintedAs }, holder)
    },
    update,
    revoke(id) {
      const session = byId(id)
      const client = session && clients.byId(session.clientId)
      if (client) clients.set({ ...client, rotatingToken: randomWord(42), updatedAt: now() })
      return session && isAlive(session) ? update(id, { status: 'revoked' }) : session
    },
    leave(userId, organizationId, next) {
      for (const session of sessions.all())
        if (session.userId === userId && session.organizationId === organizationId)
          update(session.id, { organizationId: next })
    },
    removeByUser(userId) {
      for (const { id, clientId } of sessions.all().filter((session) => session.userId === userId)) {
        sessions.remove(id)
        clients.remove(clientId)
      }
    },
    activityOf: (userId) => activitiesOf(sessions.all().filter((session) => session.userId === userId))(userId),
  }
}

/** The id of the holder's first session, the same in every run. */
export function firstSessionId({ userId, organizationId, actor, status }: SessionHolder): string {
  const optional = [...(actor ? [JSON.stringify(actor)] : []), ...(status === 'pending' ? [status] : [])]
  return idOf('sess', [userId, organizationId ?? '', ...optional].join(':'))
}

/** Whether the session can still issue tokens. */
export function isAlive({ status }: Session): boolean {
  return status === 'active' || status === 'pending'
}
