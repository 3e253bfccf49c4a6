import { ownId, payerOf } from '../billing/payer.js'
import { itemsOf, planOf } from '../billing/subscription.js'
import type { PaymentAttempt, Subscription, SubscriptionItem } from '../model/billing.js'
import type { World } from '../state/world.js'
import { CURRENCY, moneyAnswer } from './money.js'
import { instanceIdOf, payerAnswerWithoutNulls } from './payer.js'
import { payeeId } from './statement.js'
import { paymentMethodAnswer, subscriptionStatus } from './subscription.js'

/** The data of events about subscriptions. */
export function subscriptionEventData(subscription: Subscription, world: World) {
  const { id, owner_id, past_due_at, created_at, updated_at } = subscription
  const payer = payerOf(world, owner_id)
  const items = payer ? itemsOf(world, payer) : []
  return {
    object: 'commerce_subscription',
    id,
    status: subscriptionStatus(items),
    active_at: created_at,
    canceled_at: null,
    created_at,
    ended_at: null,
    past_due_at,
    updated_at,
    latest_payment_id: world.payment_attempts.where('owner_id', owner_id).at(-1)?.id ?? null,
    payer_id: ownId('cpayer', owner_id),
    ...payerField(owner_id, world),
    payment_source_id: ownId('cpm', owner_id),
    items: items.map((item) => itemEventData(item, world)),
  }
}

export function itemEventData(item: SubscriptionItem, world: World) {
  return { ...itemFields(item, world), is_free_trial: item.is_free_trial, subscription_id: item.subscription_id }
}

export function paymentAttemptEventData(attempt: PaymentAttempt, world: World) {
  const { id, owner_id, statement_id, amount, status, created_at, updated_at } = attempt
  const { id: sourceId, gateway, card_type, last4 } = paymentMethodAnswer(attempt)
  const item = world.subscription_items.byId(attempt.subscription_item_id)
  return {
    id,
    instance_id: instanceIdOf(world),
    payment_id: id,
    // Clerk's old word for a statement.
    invoice_id: statement_id,
    statement_id,
    gateway_external_id: id,
    status,
    created_at,
    updated_at,
    paid_at: status === 'paid' ? created_at : null,
    failed_at: status === 'failed' ? created_at : null,
    failed_reason: status === 'failed' ? { code: 'card_declined', decline_code: 'generic_decline' } : null,
    billing_date: created_at,
    charge_type: attempt.charge_type,
    payee: { id: payeeId(world), gateway_type: gateway, gateway_external_id: payeeId(world), gateway_status: 'active' },
    ...payerField(owner_id, world),
    totals: { subtotal: moneyAnswer(amount), tax_total: moneyAnswer(0), grand_total: moneyAnswer(amount) },
    payment_source: {
      id: sourceId,
      gateway,
      gateway_external_id: sourceId,
      gateway_external_account_id: null,
      payment_method: 'card',
      status: 'active',
      card_type,
      last4,
    },
    subscription_items: item ? [itemFields(item, world)] : [],
  }
}

function itemFields(item: SubscriptionItem, world: World) {
  const { id, slug, name, amount } = planOf(world, item)
  return {
    object: 'commerce_subscription_item',
    id: item.id,
    status: item.status,
    created_at: item.created_at,
    updated_at: item.updated_at,
    period_start: item.period_start,
    period_end: item.period_end,
    interval: item.plan_period,
    plan_id: id,
    plan: { id, slug, name, is_recurring: true, amount, currency: CURRENCY },
    ...payerField(item.owner_id, world),
  }
}

function payerField(ownerId: string, world: World) {
  const payer = payerOf(world, ownerId)
  if (!payer) return {}
  const { instance_id: _, ...shown } = payerAnswerWithoutNulls(payer, world)
  return { payer: shown }
}
