import { userAnswer } from '../../answers/user.js'
import { Refusal, unknownReference } from '../../api/errors.js'
import type { User } from '../../model/user.js'
import { list, optional, string, type Values } from '../../model/schema.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'
import { PAGE, inOrder, orderBy, pageOf } from '../page.js'
import { USER_FILTERS, USER_ORDER, fieldsOf, matching } from './user-filter.js'

const FILTERS = {
  ...fieldsOf(USER_FILTERS),
  provider: optional(string()),
  provider_user_id: optional(list(string(), { max: 100 })),
} as const

const PAGES = {
  ...PAGE,
  order_by: orderBy(USER_ORDER),
  /** the id of the last user on the page before */
  starting_after: optional(string()),
} as const

type Filters = Values<typeof FILTERS>

export const userLists = [
  operation('GetUserList', 'GET /v1/users', {
    query: { ...FILTERS, ...PAGES },
    run({ world, query }) {
      refuseCombination(query)
      const { order_by: order, starting_after: cursor } = query
      const match = matchingUsers(query, world)
      // The user that the cursor names need not match the filters: it may have changed since it was listed.
      const users = inOrder(
        world,
        world.users.all().filter((user) => user.id === cursor || match(user)),
        USER_ORDER,
        order,
      )
      const following = cursor === undefined ? users : users.slice(positionOf(cursor, users) + 1)
      return pageOf(following, query).map((user) => userAnswer(user, world))
    },
  }),

  operation('GetUsersCount', 'GET /v1/users/count', {
    query: FILTERS,
    run: ({ world, query }) => ({
      object: 'total_count',
      total_count: world.users.all().filter(matchingUsers(query, world)).length,
    }),
  }),
]

function matchingUsers({ provider, provider_user_id: ids, ...query }: Filters, world: World): (user: User) => boolean {
  if (provider !== undefined && ids === undefined) throw missingBeside('provider_user_id', 'provider')
  if (provider === undefined && ids !== undefined) throw missingBeside('provider', 'provider_user_id')
  const match = matching(USER_FILTERS, query)
  const hasAccount = ({ id }: User) =>
    world.external_accounts
      .where('user_id', id)
      .some((account) => account.provider === provider && ids?.includes(account.provider_user_id))
  return (user) => match({ user, created_at: user.created_at }, world) && (provider === undefined || hasAccount(user))
}

function missingBeside(missing: string, given: string): Refusal {
  return new Refusal(
    'form_conditional_param_missing',
    `\`${missing}\` is required when \`${given}\` is present.`,
    missing,
  )
}

/**
 * A cursor needs an order that does not change, and takes the place of an offset.
 *
 * @throws {Refusal}
 */
function refuseCombination({ starting_after: cursor, order_by: order, offset = 0 }: Values<typeof PAGES>): void {
  if (cursor === undefined) return
  if (offset > 0) throw disallowedBeside('offset', 'starting_after')
  if (order !== undefined && !/^[-+ ]?created_at$/.test(order)) throw disallowedBeside('order_by', 'starting_after')
}

function disallowedBeside(name: string, given: string): Refusal {
  return new Refusal(
    'form_conditional_param_disallowed',
    `\`${name}\` isn't allowed when \`${given}\` is present.`,
    name,
  )
}

/** @throws {Refusal} if no user has the id */
function positionOf(id: string, users: readonly User[]): number {
  const position = users.findIndex((user) => user.id === id)
  if (position === -1) throw unknownReference('starting_after')
  return position
}
