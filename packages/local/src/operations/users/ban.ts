import { userAnswer } from '../../answers/user.js'
import { list, object, string } from '../../model/schema.js'
import type { User } from '../../model/user.js'
import { banUser, lockUser, unbanUser, unlockUser } from '../../people/ban.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'
import { user, userWithId } from './user.js'

type Act = (world: World, user: User) => User

/** There is no sign-in here, but operations that create sessions check both bans and locks. */
export const bans = [
  ofOne('BanUser', 'ban', banUser),
  ofOne('UnbanUser', 'unban', unbanUser),
  ofOne('LockUser', 'lock', lockUser),
  ofOne('UnlockUser', 'unlock', unlockUser),
  ofSeveral('UsersBan', 'ban', banUser),
  ofSeveral('UsersUnban', 'unban', unbanUser),
]

function ofOne(id: string, verb: string, act: Act) {
  return user.act(id, 'POST', `/${verb}`, { run: (record, { world }) => act(world, record) })
}

/** Applies to all users or, if one does not exist, to none. */
function ofSeveral(id: string, verb: string, act: Act) {
  return operation(id, `POST /v1/users/${verb}`, {
    body: object({ user_ids: list(string(), { min: 1, max: 50 }) }),
    run({ world, body }) {
      const users = [...new Set(body.user_ids)].map((userId) => userWithId(world, userId))
      return users.map((one) => userAnswer(act(world, one), world))
    },
  })
}
