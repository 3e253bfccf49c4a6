import { record, type Stored } from './record.js'
import { boolean, integer, list, oneOf, orNull, string, time, timeOrNull, withDefault } from './schema.js'

export const PAYER_TYPES = ['user', 'org'] as const

/** What users or organizations subscribe to. Amounts are in cents. */
export const Plan = record('commerce_plan', 'cplan', {
  slug: string(),
  name: string(),
  description: orNull(string()),
  for_payer_type: oneOf(...PAYER_TYPES),
  /** per month; 0: free */
  amount: withDefault(integer({ min: 0 }), 0),
  /** per month, if paid by the year; `null`: cannot be paid by the year */
  annual_monthly_amount: orNull(integer({ min: 0 })),
  /** such as `invoices`, which tokens name */
  features: withDefault(list(string()), []),
  /** Whether payers without a subscription have this plan. */
  is_default: withDefault(boolean(), false),
  publicly_visible: withDefault(boolean(), true),
  /** `null`: no free trial */
  free_trial_days: orNull(integer({ min: 1, max: 365 })),
})

export type Plan = Stored<typeof Plan>

const OWNED = {
  /** id of the user or organization that pays */
  owner_id: string(),
} as const

/** The subscription of a user or organization that has, or had, more than the free plan. */
export const Subscription = record('commerce_subscription', 'csub', {
  ...OWNED,
  past_due_at: timeOrNull(),
})

export type Subscription = Stored<typeof Subscription>

/** A plan in a subscription, as it was when the clock was last looked at: see `billing/item-changes.ts`. */
export const SubscriptionItem = record('commerce_subscription_item', 'csub_item', {
  ...OWNED,
  subscription_id: string(),
  plan_id: string(),
  status: withDefault(oneOf('active', 'upcoming', 'canceled', 'past_due', 'ended'), 'active'),
  plan_period: withDefault(oneOf('month', 'annual'), 'month'),
  is_free_trial: withDefault(boolean(), false),
  /** Whether the payer has been notified that the free trial ends soon. */
  is_trial_ending: withDefault(boolean(), false),
  /** Whether the payments from now on fail. */
  payments_fail: withDefault(boolean(), false),
  period_start: time(),
  /** `null`: never, as the plan is free */
  period_end: timeOrNull(),
  canceled_at: timeOrNull(),
  past_due_at: timeOrNull(),
  ended_at: timeOrNull(),
})

export type SubscriptionItem = Stored<typeof SubscriptionItem>

/** The payments of a period. */
export const Statement = record('commerce_statement', 'stmt', {
  ...OWNED,
  status: withDefault(oneOf('open', 'closed'), 'closed'),
})

export type Statement = Stored<typeof Statement>

export const PaymentAttempt = record('commerce_payment', 'pay', {
  ...OWNED,
  statement_id: string(),
  subscription_item_id: string(),
  /** cents */
  amount: integer({ min: 0 }),
  status: withDefault(oneOf('pending', 'paid', 'failed'), 'paid'),
  charge_type: withDefault(oneOf('checkout', 'recurring'), 'recurring'),
})

export type PaymentAttempt = Stored<typeof PaymentAttempt>
