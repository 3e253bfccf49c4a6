import { Refusal } from '../api/errors.js'
import type { User } from '../model/user.js'
import { lockLeftInMs } from './user.js'

/** @throws {Refusal} if the user is banned or locked */
export function refuseSignIn(user: User, now: number): void {
  if (user.banned) throw new Refusal('user_banned')
  if (lockLeftInMs(user, now) > 0)
    throw new Refusal('user_locked', 'Your account is locked. You will be able to try again later.')
}
