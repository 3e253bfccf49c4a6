import { subscriptionAnswer } from '../../answers/subscription.js'
import { Refusal } from '../../api/errors.js'
import type { Payer } from '../../billing/payer.js'
import { subscriptionOf } from '../../billing/subscription.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'

export const subscriptions = [
  operation('GetUserBillingSubscription', 'GET /v1/users/{user_id}/billing/subscription', {
    run({ world, params: { user_id: id = '' } }) {
      const owner = world.users.byId(id)
      if (!owner) throw new Refusal('resource_not_found', `No user was found with id ${id}.`)
      return answer({ type: 'user', owner }, world)
    },
  }),

  operation('GetOrganizationBillingSubscription', 'GET /v1/organizations/{organization_id}/billing/subscription', {
    run({ world, params: { organization_id: id = '' } }) {
      const owner = world.organizations.byId(id) ?? world.organizations.find('slug', id)
      if (!owner) throw new Refusal('resource_not_found', 'Given organization not found.')
      return answer({ type: 'org', owner }, world)
    },
  }),
]

/** @throws {Refusal} if there are no plans for this type of payer */
function answer(payer: Payer, world: World) {
  refuseWithoutBilling(world, payer.type)
  const subscription = subscriptionOf(world, payer)
  if (!subscription) throw new Refusal('resource_not_found', 'The payer has no subscription.')
  return subscriptionAnswer(subscription, payer, world)
}

const PAYERS = { user: 'users', org: 'organizations' } as const

/** @throws {Refusal} if there are no plans for this type of payer */
export function refuseWithoutBilling({ plans }: World, payerType: Payer['type']): void {
  if (plans.where('for_payer_type', payerType).length > 0) return
  throw new Refusal(
    'billing_not_enabled',
    `The billing feature for ${PAYERS[payerType]} is not enabled for this instance: its seed has no plans for them.`,
  )
}
