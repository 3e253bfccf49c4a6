import { Refusal } from '../../api/errors.js'
import type { BlocklistIdentifier } from '../../model/identifier-list.js'
import { boolean, optional, refined, rule, strict, string } from '../../model/schema.js'
import { comparable, identifierTypeOf } from '../../people/blocklist.js'
import { withoutNulls } from '../without-nulls.js'
import { invite, refuseInvited, refuseUser } from './invite.js'
import { operation, type Call } from '../operation.js'
import { resource } from '../resource.js'

const missing = (id: string) => new Refusal('resource_not_found', `No identifier was found with id ${id}`)

const allowed = resource('allowlist_identifiers', {
  path: '/v1/allowlist_identifiers',
  param: 'identifier_id',
  missing,
  answer: (record, { instance }) => ({
    object: 'allowlist_identifier',
    ...withoutNulls({ ...record, instance_id: instance.id }),
  }),
})

const blocked = resource('blocklist_identifiers', {
  path: '/v1/blocklist_identifiers',
  param: 'identifier_id',
  missing,
  answer: blockedAnswer,
})

const IDENTIFIER = refined(
  string(),
  rule(
    'form_param_format_invalid',
    'must be a valid email address, phone number or web3 wallet.',
    (text: string) => identifierTypeOf(text) !== undefined,
  ),
)

export const identifierLists = [
  allowed.list('ListAllowlistIdentifiers', { page: 'paginated' }),

  allowed.create('CreateAllowlistIdentifier', {
    body: strict({ identifier: IDENTIFIER, notify: optional(boolean()) }),
    run({ world, body: { notify = false, identifier: given } }) {
      const identifier = comparable(given)
      if (world.allowlist_identifiers.find('identifier', identifier)) throw duplicate('allowlist', identifier)
      const entry = world.allowlist_identifiers.add({ identifier, identifier_type: typeOf(identifier) })
      // Clerk also invites phone numbers, but an invitation has only an email address.
      if (!notify || entry.identifier_type !== 'email_address' || identifier.startsWith('*@')) return entry
      refuseUser(world, identifier)
      refuseInvited(world, identifier)
      const { id } = invite(world, { email_address: identifier })
      return world.allowlist_identifiers.update(entry.id, { invitation_id: id })
    },
  }),

  allowed.remove('DeleteAllowlistIdentifier'),

  // Unlike other lists, it has no pages.
  operation('ListBlocklistIdentifiers', 'GET /v1/blocklist_identifiers', {
    run(call) {
      const all = call.world.blocklist_identifiers.all().toReversed()
      return { data: all.map((entry) => blockedAnswer(entry, call)), total_count: all.length }
    },
  }),

  blocked.create('CreateBlocklistIdentifier', {
    body: strict({ identifier: IDENTIFIER }),
    run({ world, body }) {
      const identifier = comparable(body.identifier)
      if (world.blocklist_identifiers.find('identifier', identifier)) throw duplicate('blocklist', identifier)
      return world.blocklist_identifiers.add({ identifier, identifier_type: typeOf(identifier) })
    },
  }),

  blocked.remove('DeleteBlocklistIdentifier'),
]

function blockedAnswer(entry: BlocklistIdentifier, { instance }: Pick<Call, 'instance'>) {
  return { object: 'blocklist_identifier', ...entry, instance_id: instance.id }
}

function duplicate(name: string, identifier: string): Refusal {
  return new Refusal('duplicate_record', `the identifier ${identifier} already exists in the ${name}`)
}

function typeOf(identifier: string): BlocklistIdentifier['identifier_type'] {
  return identifierTypeOf(identifier) ?? 'email_address'
}
