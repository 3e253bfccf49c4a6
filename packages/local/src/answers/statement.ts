import { payerOf, ownId } from '../billing/payer.js'
import { itemById } from '../billing/subscription.js'
import { idOf } from '../model/ids.js'
import type { PaymentAttempt, Statement } from '../model/billing.js'
import type { World } from '../state/world.js'
import { moneyAnswer, totalsAnswer } from './money.js'
import { instanceIdOf, payerAnswer } from './payer.js'
import { itemAnswer, paymentMethodAnswer } from './subscription.js'

export function statementAnswer({ id, owner_id, status, created_at }: Statement, world: World) {
  const payer = payerOf(world, owner_id)
  const attempts = world.payment_attempts.where('statement_id', id)
  const total = attempts.reduce((sum, { amount }) => sum + amount, 0)
  return {
    object: 'commerce_statement',
    id,
    instance_id: instanceIdOf(world),
    timestamp: created_at,
    ...(payer && { payer: payerAnswer(payer, world) }),
    status,
    totals: totalsAnswer(total),
    groups: [
      {
        object: 'commerce_statement_group',
        timestamp: created_at,
        items: attempts.map((attempt) => paymentAttemptAnswer(attempt, world)),
      },
    ],
  }
}

export function paymentAttemptAnswer(attempt: PaymentAttempt, world: World) {
  const { id, owner_id, amount, status, subscription_item_id, created_at, updated_at } = attempt
  const payer = payerOf(world, owner_id)
  const item = itemById(world, subscription_item_id)
  const payee_id = payeeId(world)
  const paymentMethod = paymentMethodAnswer(attempt)
  return {
    object: 'commerce_payment',
    id,
    payment_id: id,
    instance_id: instanceIdOf(world),
    charge_type: attempt.charge_type,
    payee_id,
    payee: { id: payee_id },
    payer_id: ownId('cpayer', owner_id),
    ...(payer && { payer: payerAnswer(payer, world) }),
    subscription_item_id,
    ...(item && { subscription_item: itemAnswer(item, world) }),
    amount: moneyAnswer(amount),
    totals: totalsAnswer(amount),
    payment_method_id: paymentMethod.id,
    payment_method: paymentMethod,
    statement_id: attempt.statement_id,
    gateway_external_id: null,
    gateway_external_url: null,
    status,
    paid_at: status === 'paid' ? created_at : null,
    failed_at: status === 'failed' ? created_at : null,
    created_at,
    updated_at,
  }
}

/** Who is paid: the instance. */
export function payeeId(world: World): string {
  return idOf('cpayee', instanceIdOf(world))
}
