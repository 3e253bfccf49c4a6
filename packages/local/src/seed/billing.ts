import { ownId } from '../billing/payer.js'
import { periodEnd } from '../billing/period.js'
import { defaultPlanFor, freeItem, planOf, priceOf } from '../billing/subscription.js'
import { idOf } from '../model/ids.js'
import type { World } from '../state/world.js'
import { payerOf } from '../billing/payer.js'
import { defaultSeed } from './default-seed.js'
import type { Seed, SeedPayer, SeedPlan, SeedStatement, SeedSubscription } from './seed.js'
import { DAY_IN_MS } from '../support/durations.js'

/** Adds plans, subscriptions and statements, which no operation creates. */
export function addBilling(
  world: World,
  { plans = defaultSeed.plans, subscriptions = [], statements = [] }: Seed,
): void {
  for (const [slug, plan] of Object.entries<SeedPlan>(plans)) addPlan(world, slug, plan)
  for (const subscription of subscriptions) addSubscription(world, subscription)
  for (const [i, statement] of statements.entries()) addStatement(world, statement, i)
}

function addPlan(world: World, slug: string, { payer, amount = 0, ...plan }: SeedPlan): void {
  world.plans.add({
    id: idOf('cplan', slug),
    slug,
    name: plan.name,
    description: plan.description,
    for_payer_type: payer,
    amount,
    annual_monthly_amount: plan.annualMonthlyAmount,
    features: plan.features,
    is_default: amount === 0 && !defaultPlanFor(world, payer),
    free_trial_days: plan.freeTrialDays,
  })
}

function addSubscription(world: World, subscription: SeedSubscription): void {
  const { plan: slug, period = 'month', trial = false, daysSinceStart = 0, paymentsFail } = subscription
  const owner_id = ownerId(subscription)
  const plan = world.plans.find('slug', slug)!
  const start = world.now() - daysSinceStart * DAY_IN_MS
  const times = { created_at: start, updated_at: start }
  const { id: subscription_id } = world.subscriptions.add({ id: ownId('csub', owner_id), owner_id, ...times })

  const payer = payerOf(world, owner_id)
  const freePlan = payer && defaultPlanFor(world, payer.type)
  if (payer && freePlan)
    world.subscription_items.add({
      ...freeItem(payer, freePlan),
      ...times,
      status: 'ended',
      period_start: start,
      ended_at: start,
    })
  world.subscription_items.add({
    id: itemId(owner_id),
    owner_id,
    subscription_id,
    plan_id: plan.id,
    plan_period: period,
    is_free_trial: trial,
    payments_fail: paymentsFail,
    period_start: start,
    period_end: trial ? start + plan.free_trial_days! * DAY_IN_MS : periodEnd(start, period),
    ...times,
  })
}

function addStatement(world: World, statement: SeedStatement, index: number): void {
  const { status, daysAgo = 0, payments } = statement
  const owner_id = ownerId(statement)
  const at = world.now() - daysAgo * DAY_IN_MS
  const times = { created_at: at, updated_at: at }
  const { id: statement_id } = world.statements.add({ id: idOf('stmt', String(index)), owner_id, status, ...times })
  const item = world.subscription_items.byId(itemId(owner_id))!
  for (const [i, payment] of payments.entries())
    world.payment_attempts.add({
      id: idOf('pay', `${index}:${i}`),
      owner_id,
      statement_id,
      subscription_item_id: item.id,
      amount: payment.amount ?? priceOf(planOf(world, item), item.plan_period),
      status: payment.status,
      charge_type: 'checkout',
      ...times,
    })
}

function ownerId({ user, organization }: SeedPayer): string {
  return user === undefined ? idOf('org', organization) : idOf('user', user)
}

function itemId(ownerId: string): string {
  return idOf('csub_item', ownerId)
}
