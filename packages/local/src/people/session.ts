import { activitiesOf } from './activity.js'
import { idOf, newId, randomWord } from '../state/ids.js'
import { createRecords, type Records } from '../state/records.js'
import type { Activity } from './user.js'

/** Times are milliseconds since the epoch. */
export interface Session {
  /** `sess_…`, which is the `sid` of its tokens */
  readonly id: string
  readonly userId: string
  readonly clientId: string
  readonly status: 'active' | 'pending' | 'revoked' | 'expired'
  /** who acts as the user */
  readonly actor: object | null
  readonly organizationId: string | null
  /** of tokens minted in code: the first session of this kind, which this one is or follows */
  readonly mintedAs: string | null
  /** what a browser refreshes the session by */
  readonly refreshToken: string
  /** digests of the expired tokens that it was refreshed for, of which each counts once */
  readonly consumedTokens: readonly string[]
  readonly lastActiveAt: number
  readonly expireAt: number
  readonly abandonAt: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** A browser, or whatever else holds sessions. */
export interface SessionClient {
  /** `client_…` */
  readonly id: string
  /** another one after every sign-out, so that old cookies of the browser end */
  readonly rotatingToken: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** Whose session it is. */
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
  /** as they were last changed: one may have expired since */
  readonly records: Records<Session>
  readonly clients: Records<SessionClient>
  /** Signs somebody in with a client of their own. */
  readonly create: (holder: SessionHolder, maxDurationInMs?: number) => Session
  /** The session that tokens minted in code are of: one for a person in an organization, as long as it lives. */
  readonly ofMinted: (holder: SessionHolder) => Session
  readonly update: (id: string, changes: Partial<Session>) => Session | undefined
  readonly revoke: (id: string) => Session | undefined
  /** Moves what is active in an organization to another one, or to none. */
  readonly leave: (userId: string, organizationId: string, next: string | null) => void
  readonly removeOf: (userId: string) => void
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
      // Not made anew: with somebody, thousands may go.
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
    ofMinted(holder) {
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
    removeOf(userId) {
      for (const { id, clientId } of sessions.all().filter((session) => session.userId === userId)) {
        sessions.remove(id)
        clients.remove(clientId)
      }
    },
    activityOf: (userId) => activitiesOf(sessions.all().filter((session) => session.userId === userId))(userId),
  }
}

/** The id that the first session of this kind has in every run. */
export function firstSessionId({ userId, organizationId, actor, status }: SessionHolder): string {
  const further = [...(actor ? [JSON.stringify(actor)] : []), ...(status === 'pending' ? [status] : [])]
  return idOf('sess', [userId, organizationId ?? '', ...further].join(':'))
}

/** Whether the session still gives tokens. */
export function isAlive({ status }: Session): boolean {
  return status === 'active' || status === 'pending'
}
