import type { SubscriptionItem } from '../model/billing.js'
import { DAY_IN_MS } from '../support/durations.js'

export type PlanPeriod = SubscriptionItem['plan_period']

const MONTHS = { month: 1, annual: 12 } as const

/** No month is longer. */
const LONGEST_MONTH_IN_MS = 31 * DAY_IN_MS

/**
 * When a period that starts at `start` ends, both in milliseconds since the epoch: on the same day of a later month, or
 * on its last day.
 */
export function periodEnd(start: number, period: PlanPeriod, count = 1): number {
  const end = new Date(start)
  const day = end.getUTCDate()
  end.setUTCMonth(end.getUTCMonth() + count * MONTHS[period])
  if (end.getUTCDate() !== day) end.setUTCDate(0)
  return end.getTime()
}

/** The start of a period that follows `start` and begins at most `periods` before `now`. Later starts stay as they are. */
export function skippedTo(start: number, period: PlanPeriod, now: number, periods: number): number {
  const longest = MONTHS[period] * LONGEST_MONTH_IN_MS
  let latest = start
  for (let left = skippable(latest); left > 0; left = skippable(latest)) latest = periodEnd(latest, period, left)
  return latest

  function skippable(from: number): number {
    return Math.floor((now - from) / longest) - periods
  }
}
