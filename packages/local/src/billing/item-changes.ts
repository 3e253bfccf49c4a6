import type { SubscriptionItem } from '../model/billing.js'
import type { World } from '../state/world.js'
import { dueChange, type ItemChanges } from './due-change.js'
import { payerOf } from './payer.js'
import { defaultPlanFor, planOf, priceOf } from './subscription.js'

/** Writes down what the time has changed in all subscriptions: renewals and their payments, ends and missed payments. */
export function settleBilling(world: World): void {
  for (const item of world.subscription_items.all()) settleItem(world, item)
}

function settleItem(world: World, stored: SubscriptionItem): void {
  let item = stored
  // Each step is a transaction of its own, because there is one event for a record and transaction.
  for (let due = dueChange(item, world.now()); due; due = dueChange(item, world.now())) {
    const changes = due
    item = world.transaction(() => {
      if (changes.status === 'past_due') addPayment(world, item, 'failed', changes.past_due_at!)
      if (changes.period_start !== undefined) addPayment(world, item, 'paid', changes.period_start)
      return changeItem(world, item, changes)
    })
  }
}

function changeItem(world: World, { id, subscription_id }: SubscriptionItem, changes: ItemChanges): SubscriptionItem {
  // Clerk does not update a subscription to say that a trial ends soon.
  if (changes.is_trial_ending !== true)
    world.subscriptions.update(subscription_id, { past_due_at: changes.past_due_at ?? undefined })
  return world.subscription_items.update(id, changes)
}

/** @param at when it was due, in milliseconds since the epoch */
function addPayment(world: World, item: SubscriptionItem, status: 'paid' | 'failed', at: number): void {
  const { id, owner_id, plan_period } = item
  const times = { created_at: at, updated_at: at }
  const statement = world.statements.add({ owner_id, ...times })
  world.payment_attempts.add({
    owner_id,
    statement_id: statement.id,
    subscription_item_id: id,
    amount: priceOf(planOf(world, item), plan_period),
    status,
    ...times,
  })
}

/** Cancels an item now or at the end of its period. The free plan follows it. */
export function cancelItem(world: World, item: SubscriptionItem, endNow: boolean): SubscriptionItem {
  const now = world.now()
  const canceled_at = item.canceled_at ?? now
  const end = endNow ? now : item.period_end!
  addFreeItemAfter(
    world,
    item,
    endNow ? { status: 'active', period_start: end } : { status: 'upcoming', period_start: end },
  )
  return changeItem(
    world,
    item,
    endNow ? { status: 'ended', canceled_at, ended_at: end } : { status: 'canceled', canceled_at },
  )
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
