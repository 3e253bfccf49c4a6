import { jsonAnswer } from '../api/answer.js'
import { banUser, lockUser, unbanUser, unlockUser } from '../people/ban.js'
import type { Community } from '../people/community.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields } from './fields.js'
import { userNotFound } from './user-api.js'
import { isBanned, isLocked, userJson, type User } from '../people/user.js'

type Act = (community: Community, user: User) => User

/** Bans and locks users. There is no sign-in here, but endpoints that create sessions check both. */
export function banApi(community: Community): readonly Endpoint[] {
  const { directory, sessions, now } = community
  const json = (user: User) => userJson(user, sessions.activityOf(user.id), now())

  /** @throws {Refusal} */
  function userOf(id: string): User {
    const user = directory.users.byId(id)
    if (!user) throw userNotFound(id)
    return user
  }

  function ofOne(operation: string, verb: string, act: Act): Endpoint {
    return {
      operation,
      method: 'POST',
      path: `/v1/users/:user_id/${verb}`,
      answer: ({ params: { user_id: id = '' } }) => jsonAnswer(json(act(community, userOf(id)))),
    }
  }

  /** Applies to all users or, if one does not exist, to none. */
  function ofSeveral(operation: string, verb: string, act: Act): Endpoint {
    return {
      operation,
      method: 'POST',
      path: `/v1/users/${verb}`,
      async answer(request) {
        const { user_ids: ids } = await readBodyFields(request, SEVERAL_FIELDS)
        if (ids.length === 0) throw new Refusal('form_param_missing', 'user_ids must be included.', 'user_ids')
        const users = [...new Set(ids)].map(userOf)
        return jsonAnswer(users.map((user) => json(act(community, user))))
      },
    }
  }

  return [
    ofOne('BanUser', 'ban', banUser),
    ofOne('UnbanUser', 'unban', unbanUser),
    ofOne('LockUser', 'lock', lockUser),
    ofOne('UnlockUser', 'unlock', unlockUser),
    ofSeveral('UsersBan', 'ban', banUser),
    ofSeveral('UsersUnban', 'unban', unbanUser),
  ]
}

/** @throws {Refusal} if the user is banned or locked */
export function refuseSignIn(user: User, now: number): void {
  if (isBanned(user)) throw new Refusal('user_banned')
  if (isLocked(user, now))
    throw new Refusal('user_locked', 'Your account is locked. You will be able to try again later.')
}

const SEVERAL_FIELDS = { user_ids: { type: 'strings', required: true, max: 50 } } as const
