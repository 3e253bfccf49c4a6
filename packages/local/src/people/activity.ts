import type { Session } from './session.js'
import type { Activity } from './user.js'

const NONE: Activity = { lastSignInAt: null, lastActiveAt: null }

/** Computes the activity of all users in one pass over the sessions. */
export function activitiesOf(sessions: readonly Session[]): (userId: string) => Activity {
  const activities = new Map<string, Activity>()
  for (const { userId, createdAt, lastActiveAt } of sessions) {
    const known = activities.get(userId) ?? NONE
    activities.set(userId, {
      lastSignInAt: Math.max(known.lastSignInAt ?? createdAt, createdAt),
      lastActiveAt: Math.max(known.lastActiveAt ?? lastActiveAt, lastActiveAt),
    })
  }
  return (userId) => activities.get(userId) ?? NONE
}
