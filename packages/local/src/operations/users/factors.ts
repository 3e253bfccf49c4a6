import { Refusal } from '../../api/errors.js'
import { consumeBackupCode } from '../../credentials/backup-codes.js'
import { verifyPassword, type StoredPassword } from '../../credentials/password.js'
import { isTotpCode } from '../../credentials/totp.js'
import type { User } from '../../model/user.js'
import { strict, string } from '../../model/schema.js'
import { changeUser } from '../../people/identification.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'
import { userOf } from './user.js'

export const factors = [
  operation('VerifyPassword', 'POST /v1/users/{user_id}/verify_password', {
    body: strict({ password: string() }),
    async run(call) {
      const { password } = userOf(call)
      if (password === null) throw new Refusal('no_password_set')
      if (!(await verifyPassword(password as unknown as StoredPassword, call.body.password)))
        throw new Refusal('incorrect_password')
      return { verified: true }
    },
  }),

  operation('VerifyTOTP', 'POST /v1/users/{user_id}/verify_totp', {
    body: strict({ code: string() }),
    async run(call) {
      const { world, body } = call
      const { id, totp_secret } = userOf(call)
      if (totp_secret === null) throw new Refusal('totp_disabled')
      if (isTotpCode(totp_secret, body.code, world.now())) return { verified: true, code_type: 'totp' }
      if (await useBackupCode(world, id, body.code)) return { verified: true, code_type: 'backup_code' }
      throw new Refusal('totp_incorrect_code')
    },
  }),

  operation('DisableMFA', 'DELETE /v1/users/{user_id}/mfa', {
    run(call) {
      const { world } = call
      const user = userOf(call)
      changeUser(world, user, () => {
        for (const { id, reserved_for_second_factor } of world.phone_numbers.where('user_id', user.id))
          if (reserved_for_second_factor)
            world.phone_numbers.update(id, { reserved_for_second_factor: false, default_second_factor: false })
        return { totp_secret: null, backup_codes: [] }
      })
      return { user_id: user.id }
    },
  }),

  deletion('DeleteBackupCode', 'backup_code', { backup_codes: [] }),

  deletion('DeleteTOTP', 'totp', { totp_secret: null }),
]

function deletion(id: string, name: string, changes: Partial<User>) {
  return operation(id, `DELETE /v1/users/{user_id}/${name}`, {
    run(call) {
      const user = userOf(call)
      changeUser(call.world, user, () => changes)
      return { user_id: user.id }
    },
  })
}

/** Whether the user has the code, which is invalid from now on. Starts over if another request has used a code. */
async function useBackupCode(world: World, userId: string, code: string): Promise<boolean> {
  const codes = world.users.byId(userId)?.backup_codes ?? []
  const left = await consumeBackupCode(codes, code)
  if (!left) return false
  if (world.users.byId(userId)?.backup_codes !== codes) return useBackupCode(world, userId, code)
  world.users.update(userId, { backup_codes: left })
  return true
}
