import { metadata } from '../../model/metadata.js'
import { optional, strict } from '../../model/schema.js'
import { removeUser } from '../../people/removal.js'
import { mergedMetadata, replacedMetadata } from '../metadata.js'
import { operation } from '../operation.js'
import { bans } from './ban.js'
import { createUser } from './create-user.js'
import { updateUser } from './update-user.js'
import { user, userOf } from './user.js'
import { userLists } from './user-list.js'

const METADATA_BODY = strict({
  public_metadata: optional(metadata()),
  private_metadata: optional(metadata()),
  unsafe_metadata: optional(metadata()),
})

export const users = [
  ...userLists,
  createUser,
  user.get('GetUser'),
  updateUser,

  operation('DeleteUser', 'DELETE /v1/users/{user_id}', {
    run(call) {
      const { id, external_id } = userOf(call)
      removeUser(call.world, id)
      return { object: 'user', id, deleted: true, ...(external_id !== null && { external_id }) }
    },
  }),

  user.act('UpdateUserMetadata', 'PATCH', '/metadata', {
    body: METADATA_BODY,
    run: (record, { world, body }) => world.users.update(record.id, mergedMetadata(record, body)),
  }),

  user.act('ReplaceUserMetadata', 'PUT', '/metadata', {
    body: METADATA_BODY,
    run: (record, { world, body }) => world.users.update(record.id, replacedMetadata(record, body)),
  }),

  ...bans,
]
