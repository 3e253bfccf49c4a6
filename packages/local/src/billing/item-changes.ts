import type { PaymentAttempt, SubscriptionItem } from '../model/billing.js'
import type { World } from '../state/world.js'
import { dueChange, type ItemChanges } from './due-change.js'
import { payerOf } from './payer.js'
import { defaultPlanFor, planOf, priceOf } from './subscription.js'

/** Records all changes that are due: renewals with their payments, failed payments, and ends of subscriptions. */
export function settleBilling(world: World): void {
  for (const item of world.subscription_items.all()) settleItem(world, item)
}

function settleItem(world: World, stored: SubscriptionItem): void {
  let item = stored
  // Each step is a transaction of its own, because there is one event for a record and transaction.
  for (let due = dueChange(item, world.now()); due; due = dueChange(item, world.now())) {
    const changes = due
    const payment = world.transaction(() => duePayment(world, item, changes))
    item = world.transaction(() => {
      if (payment) endPayment(world, payment, changes.status === 'past_due' ? 'failed' : 'paid')
      return changeItem(world, item, changes)
    })
  }
}

/** The payment for the next period, which begins as `pending`; `undefined`: nothing is to be paid. */
function duePayment(world: World, item: SubscriptionItem, changes: ItemChanges): PaymentAttempt | undefined {
  const at = changes.past_due_at ?? changes.period_start
  if (at === undefined) return undefined
  const { id, owner_id, plan_period } = item
  const begun = world.payment_attempts
    .where('subscription_item_id', id)
    .find(({ status, created_at }) => status === 'pending' && created_at === at)
  if (begun) return begun
  const times = { created_at: at, updated_at: at }
  const statement = world.statements.add({ owner_id, ...times })
  return world.payment_attempts.add({
    owner_id,
    statement_id: statement.id,
    subscription_item_id: id,
    amount: priceOf(planOf(world, item), plan_period),
    status: 'pending',
    ...times,
  })
}

function endPayment(world: World, { id, created_at }: PaymentAttempt, status: 'paid' | 'failed'): void {
  world.payment_attempts.update(id, { status, updated_at: created_at })
}

function changeItem(world: World, { id }: SubscriptionItem, changes: ItemChanges): SubscriptionItem {
  const item = world.subscription_items.update(id, changes)
  // Clerk does not update a subscription to say that a trial ends soon.
  if (changes.is_trial_ending !== true) updateSubscriptionOf(world, item)
  return item
}

function updateSubscriptionOf(world: World, { subscription_id, status, past_due_at }: SubscriptionItem): void {
  world.subscriptions.update(subscription_id, { past_due_at: status === 'past_due' ? past_due_at : null })
}

/** Cancels an item now or at the end of its period. The free plan follows it. */
export function cancelItem(world: World, item: SubscriptionItem, endNow: boolean): SubscriptionItem {
  const now = world.now()
  const canceled_at = item.canceled_at ?? now
  const canceled = world.subscription_items.update(
    item.id,
    endNow ? { status: 'ended', canceled_at, ended_at: now } : { status: 'canceled', canceled_at },
  )
  addFreeItemAfter(
    world,
    item,
    endNow ? { status: 'active', period_start: now } : { status: 'upcoming', period_start: item.period_end! },
  )
  updateSubscriptionOf(world, canceled)
  return canceled
}

function addFreeItemAfter(
  world: World,
  { owner_id, subscription_id }: SubscriptionItem,
  start: { readonly status: 'active' | 'upcoming'; readonly period_start: number },
): void {
  const upcoming = world.subscription_items.where('owner_id', owner_id).find(({ status }) => status === 'upcoming')
  const payer = payerOf(world, owner_id)
  const plan = payer && defaultPlanFor(world, payer.type)
  if (upcoming) world.subscription_items.update(upcoming.id, start)
  else if (plan) world.subscription_items.add({ owner_id, subscription_id, plan_id: plan.id, ...start })
}

/** @param end milliseconds since the epoch */
export function extendTrial(world: World, item: SubscriptionItem, end: number): SubscriptionItem {
  if (end === item.period_end) return item
  return changeItem(world, item, { period_end: end, is_trial_ending: false })
}
