import type { SubscriptionItem } from '../model/billing.js'
import { periodEnd, skippedTo } from './period.js'
import { DAY_IN_MS } from '../support/durations.js'

export type ItemChanges = Partial<SubscriptionItem>

/** Clerk sends its notice this long before a free trial ends. */
const NOTICE_IN_MS = 3 * DAY_IN_MS

/** If the clock is moved far, only this many of the latest renewals are recorded. */
const MAX_RENEWALS = 24

/**
 * The next change that is due in an item; `undefined` if there is none.
 *
 * @param now milliseconds since the epoch
 */
export function dueChange(item: SubscriptionItem, now: number): ItemChanges | undefined {
  const { status, period_start, period_end } = item
  if (status === 'upcoming') return now >= period_start ? { status: 'active' } : undefined
  if (period_end === null || status === 'ended' || status === 'past_due') return undefined
  if (status === 'active' && item.is_free_trial && !item.is_trial_ending && now >= period_end - NOTICE_IN_MS)
    return { is_trial_ending: true }
  return now >= period_end ? atPeriodEnd(item, period_end, now) : undefined
}

/** The item as it is now: time may have passed since it was last written. */
export function asOfNow(item: SubscriptionItem, now: number): SubscriptionItem {
  let current = item
  for (let due = dueChange(current, now); due; due = dueChange(current, now)) current = { ...current, ...due }
  return current
}

function atPeriodEnd({ status, payments_fail, plan_period }: SubscriptionItem, end: number, now: number): ItemChanges {
  if (status === 'canceled') return { status: 'ended', ended_at: end }
  if (payments_fail) return { status: 'past_due', past_due_at: end }
  const start = skippedTo(end, plan_period, now, MAX_RENEWALS)
  return { is_free_trial: false, period_start: start, period_end: periodEnd(start, plan_period) }
}
