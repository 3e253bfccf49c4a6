import type { Session } from '../model/session.js'
import type { World } from '../state/world.js'

/** When a user last signed in and was last active, in milliseconds since the epoch; `null`: never */
export interface Activity {
  readonly lastSignInAt: number | null
  readonly lastActiveAt: number | null
}

const NONE: Activity = { lastSignInAt: null, lastActiveAt: null }

export function activityOf(world: World, userId: string): Activity {
  const latest = latestOf(world, userId)
  return latest ? { lastSignInAt: latest.created_at.time, lastActiveAt: latest.last_active_at.time } : NONE
}

/** The latest time of several sessions, and how many of them have it. */
interface Latest {
  readonly time: number
  readonly count: number
}

type LatestTimes = { readonly [Field in (typeof FIELDS)[number]]: Latest }

const FIELDS = ['created_at', 'last_active_at'] as const

/** The latest times by user, as of a revision of the world. */
interface Known {
  readonly byUser: Map<string, LatestTimes>
  revision: number
}

/**
 * A user may have thousands of sessions, and the event for the end of each has the times of all. So the times are
 * updated with each change of a session, and not computed each time.
 */
const KNOWN = new WeakMap<World, Known>()

function latestOf(world: World, userId: string): LatestTimes | undefined {
  const { byUser } = knownOf(world)
  const known = byUser.get(userId)
  if (known) return known
  let latest: LatestTimes | undefined
  for (const session of world.sessions.where('user_id', userId)) latest = withSession(latest, session)
  if (latest) byUser.set(userId, latest)
  return latest
}

function knownOf(world: World): Known {
  const known = KNOWN.get(world) ?? trackActivity(world)
  // A change that was undone, or a replacement of all records, is not seen.
  if (known.revision !== world.revision()) known.byUser.clear()
  known.revision = world.revision()
  return known
}

/** Must see a change before whatever asks for the activity because of it. */
export function trackActivity(world: World): Known {
  const known: Known = { byUser: new Map(), revision: world.revision() }
  KNOWN.set(world, known)
  world.watch(
    ({ table, before, after }) => {
      if (known.revision !== world.revision() - 1) known.byUser.clear()
      known.revision = world.revision()
      if (table !== 'sessions') return
      if (before) forget(known, before)
      if (after) add(known, after)
    },
    () => {},
  )
  return known
}

function forget({ byUser }: Known, session: Session): void {
  const latest = byUser.get(session.user_id)
  if (!latest) return
  const isOnly = FIELDS.some((field) => latest[field].time === session[field] && latest[field].count === 1)
  if (isOnly) byUser.delete(session.user_id)
  else
    byUser.set(
      session.user_id,
      timesOf((field) => without(latest[field], session[field])),
    )
}

function add({ byUser }: Known, session: Session): void {
  const latest = byUser.get(session.user_id)
  if (latest) byUser.set(session.user_id, withSession(latest, session))
}

function withSession(latest: LatestTimes | undefined, session: Session): LatestTimes {
  return timesOf((field) => withTime(latest?.[field], session[field]))
}

function timesOf(latestOfField: (field: (typeof FIELDS)[number]) => Latest): LatestTimes {
  return { created_at: latestOfField('created_at'), last_active_at: latestOfField('last_active_at') }
}

function withTime(latest: Latest | undefined, time: number): Latest {
  if (!latest || time > latest.time) return { time, count: 1 }
  return time === latest.time ? { time, count: latest.count + 1 } : latest
}

function without(latest: Latest, time: number): Latest {
  return time === latest.time ? { time, count: latest.count - 1 } : latest
}
