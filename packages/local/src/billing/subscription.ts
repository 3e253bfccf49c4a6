import type { Plan, Subscription, SubscriptionItem } from '../model/billing.js'
import type { World } from '../state/world.js'
import { asOfNow } from './due-change.js'
import { ownId, payerOfOwnId, type Payer } from './payer.js'
import type { PlanPeriod } from './period.js'

/** The price of a plan for a period, in cents. */
export function priceOf({ amount, annual_monthly_amount }: Plan, period: PlanPeriod): number {
  return period === 'month' ? amount : 12 * (annual_monthly_amount ?? amount)
}

export function planOf({ plans }: World, { plan_id }: SubscriptionItem): Plan {
  const plan = plans.byId(plan_id)
  if (!plan) throw new Error('a subscription item has an unknown plan')
  return plan
}

/** The free plan, which payers without a subscription have. */
export function defaultPlanFor({ plans }: World, payerType: Payer['type']): Plan | undefined {
  return plans.where('for_payer_type', payerType).find(({ is_default }) => is_default)
}

/** The plan that a payer has subscribed to; `undefined` for those who never had more than the free plan. */
export function subscribedPlanOf(world: World, ownerId: string): Plan | undefined {
  const current = world.subscription_items
    .where('owner_id', ownerId)
    .map((item) => asOfNow(item, world.now()))
    .findLast(({ status }) => status !== 'ended' && status !== 'upcoming')
  return current && planOf(world, current)
}

/** The subscription of a payer, who may never have had more than the free plan; `undefined` if there is no free plan. */
export function subscriptionOf(world: World, { type, owner }: Payer): Subscription | undefined {
  const stored = world.subscriptions.find('owner_id', owner.id)
  if (stored || !defaultPlanFor(world, type)) return stored
  const { id, created_at } = owner
  return { id: ownId('csub', id), owner_id: id, past_due_at: null, created_at, updated_at: created_at }
}

/** The items of a payer's subscription, oldest first. */
export function itemsOf(world: World, payer: Payer): readonly SubscriptionItem[] {
  const stored = world.subscription_items.where('owner_id', payer.owner.id)
  if (stored.length > 0) return stored.map((item) => asOfNow(item, world.now()))
  const plan = defaultPlanFor(world, payer.type)
  return plan ? [freeItem(payer, plan)] : []
}

export function itemById(world: World, id: string): SubscriptionItem | undefined {
  const stored = world.subscription_items.byId(id)
  if (stored) return asOfNow(stored, world.now())
  const payer = payerOfOwnId(world, id)
  return payer && itemsOf(world, payer).find((item) => item.id === id)
}

/** Not stored: everyone has one, and few ever change it. */
export function freeItem({ owner }: Payer, plan: Plan): SubscriptionItem {
  return {
    id: ownId('csub_item', owner.id),
    owner_id: owner.id,
    subscription_id: ownId('csub', owner.id),
    plan_id: plan.id,
    status: 'active',
    plan_period: 'month',
    is_free_trial: false,
    is_trial_ending: false,
    payments_fail: false,
    period_start: owner.created_at,
    period_end: null,
    canceled_at: null,
    past_due_at: null,
    ended_at: null,
    created_at: owner.created_at,
    updated_at: owner.created_at,
  }
}
