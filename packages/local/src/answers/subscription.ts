import { payerOf, ownId, type Payer } from '../billing/payer.js'
import { itemsOf, planOf, priceOf } from '../billing/subscription.js'
import type { Subscription, SubscriptionItem } from '../model/billing.js'
import type { World } from '../state/world.js'
import { moneyAnswer } from './money.js'
import { instanceIdOf, payerAnswer, payerAnswerWithoutNulls } from './payer.js'
import { planAnswer, planAnswerWithAmounts } from './plan.js'

export function subscriptionAnswer(subscription: Subscription, payer: Payer, world: World) {
  const { id, owner_id, past_due_at, created_at, updated_at } = subscription
  const items = itemsOf(world, payer)
  const [next] = items.flatMap((item) => nextPayment(item, world) ?? [])
  return {
    object: 'commerce_subscription',
    id,
    instance_id: instanceIdOf(world),
    status: subscriptionStatus(items),
    payer_id: ownId('cpayer', owner_id),
    created_at,
    updated_at,
    active_at: created_at,
    past_due_at,
    subscription_items: items.map((item) => itemAnswer(item, world)),
    ...(next && { next_payment: next }),
    eligible_for_free_trial: !items.some((item) => item.is_free_trial || item.is_trial_ending),
  }
}

export function subscriptionStatus(items: readonly SubscriptionItem[]): 'active' | 'past_due' {
  return items.some(({ status }) => status === 'past_due') ? 'past_due' : 'active'
}

export function itemAnswer(item: SubscriptionItem, world: World) {
  const plan = planOf(world, item)
  const payer = payerOf(world, item.owner_id)
  return {
    ...commonFields(item, world),
    status: item.status,
    plan: planAnswer(plan),
    ...(plan.amount > 0 && { payment_method: paymentMethodAnswer(item) }),
    ...(payer && { payer: payerAnswer(payer, world) }),
    period_start: item.period_start,
    period_end: item.period_end,
  }
}

/** An item as the answer to extending a free trial shows it. */
export function trialAnswer(item: SubscriptionItem, world: World) {
  const plan = planOf(world, item)
  const payer = payerOf(world, item.owner_id)
  return {
    ...commonFields(item, world),
    status: 'active',
    plan: planAnswerWithAmounts(plan),
    payment_source_id: ownId('cpm', item.owner_id),
    payer: payer ? payerAnswerWithoutNulls(payer, world) : null,
    amount: moneyAnswer(priceOf(plan, item.plan_period)),
    period_start: item.period_start,
    period_end: item.period_end,
    proration_date: new Date(item.period_start).toISOString().slice(0, 10),
  }
}

function commonFields(item: SubscriptionItem, world: World) {
  return {
    object: 'commerce_subscription_item',
    id: item.id,
    instance_id: instanceIdOf(world),
    plan_id: item.plan_id,
    plan_period: item.plan_period,
    lifetime_paid: moneyAnswer(paidFor(item, world)),
    next_payment: nextPayment(item, world),
    payer_id: ownId('cpayer', item.owner_id),
    is_free_trial: item.is_free_trial,
    canceled_at: item.canceled_at,
    past_due_at: item.past_due_at,
    ended_at: item.ended_at,
    created_at: item.created_at,
    updated_at: item.updated_at,
  }
}

/** All payers use the same test card. */
export function paymentMethodAnswer({ owner_id }: { readonly owner_id: string }) {
  const id = ownId('cpm', owner_id)
  return {
    object: 'commerce_payment_method',
    id,
    payer_id: ownId('cpayer', owner_id),
    payment_type: 'card',
    is_default: true,
    gateway: 'stripe',
    gateway_external_id: id,
    gateway_external_account_id: null,
    last4: '4242',
    status: 'active',
    card_type: 'visa',
  }
}

function paidFor({ id }: SubscriptionItem, { payment_attempts }: World): number {
  const paid = payment_attempts.where('subscription_item_id', id).filter(({ status }) => status === 'paid')
  return paid.reduce((sum, { amount }) => sum + amount, 0)
}

function nextPayment(item: SubscriptionItem, world: World) {
  if (item.status !== 'active' || item.period_end === null) return null
  return { amount: moneyAnswer(priceOf(planOf(world, item), item.plan_period)), date: item.period_end }
}
