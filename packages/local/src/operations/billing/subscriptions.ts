import { subscriptionAnswer } from '../../answers/subscription.js'
import { Refusal } from '../../api/errors.js'
import type { Payer } from '../../billing/payer.js'
import { subscriptionOf } from '../../billing/subscription.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'
import { organizationOf } from '../organizations/organizations.js'
import { userOf } from '../users/user.js'

export const subscriptions = [
  operation('GetUserBillingSubscription', 'GET /v1/users/{user_id}/billing/subscription', {
    run: (call) => answer({ type: 'user', owner: userOf(call) }, call.world),
  }),

  operation('GetOrganizationBillingSubscription', 'GET /v1/organizations/{organization_id}/billing/subscription', {
    run: (call) => answer({ type: 'org', owner: organizationOf(call) }, call.world),
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
function refuseWithoutBilling({ plans }: World, payerType: Payer['type']): void {
  if (plans.where('for_payer_type', payerType).length > 0) return
  throw new Refusal(
    'billing_not_enabled',
    `The billing feature for ${PAYERS[payerType]} is not enabled for this instance: its seed has no plans for them.`,
  )
}
