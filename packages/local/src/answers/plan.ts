import { priceOf } from '../billing/subscription.js'
import { idOf } from '../model/ids.js'
import type { Plan } from '../model/billing.js'
import { CURRENCY, CURRENCY_SYMBOL, moneyAnswer } from './money.js'

export function planAnswer(plan: Plan) {
  const { annual_monthly_amount: annualMonthly } = plan
  return {
    ...commonFields(plan),
    annual_monthly_fee: annualMonthly === null ? null : moneyAnswer(annualMonthly),
    annual_fee: annualMonthly === null ? null : moneyAnswer(priceOf(plan, 'annual')),
    description: plan.description,
    avatar_url: null,
    features: plan.features.map((slug) => ({ ...featureFields(slug), description: null, avatar_url: null })),
  }
}

/** A plan as the answer to extending a free trial shows it: without `null`, and with each amount as a number too. */
export function planAnswerWithAmounts(plan: Plan) {
  const { fee, ...common } = commonFields(plan)
  const annual_monthly_fee = moneyAnswer(plan.annual_monthly_amount ?? plan.amount)
  const annual_fee = moneyAnswer(priceOf(plan, 'annual'))
  return {
    ...common,
    fee,
    annual_monthly_fee,
    annual_fee,
    amount: fee.amount,
    amount_formatted: fee.amount_formatted,
    annual_monthly_amount: annual_monthly_fee.amount,
    annual_monthly_amount_formatted: annual_monthly_fee.amount_formatted,
    annual_amount: annual_fee.amount,
    annual_amount_formatted: annual_fee.amount_formatted,
    currency: CURRENCY,
    currency_symbol: CURRENCY_SYMBOL,
    description: plan.description ?? '',
    payer_type: [plan.for_payer_type],
    avatar_url: '',
    features: plan.features.map((slug) => ({ ...featureFields(slug), description: '', avatar_url: '' })),
  }
}

function commonFields(plan: Plan) {
  return {
    object: 'commerce_plan',
    id: plan.id,
    name: plan.name,
    slug: plan.slug,
    fee: moneyAnswer(plan.amount),
    product_id: idOf('cprod', plan.for_payer_type),
    is_default: plan.is_default,
    is_recurring: true,
    publicly_visible: plan.publicly_visible,
    has_base_fee: plan.amount > 0,
    for_payer_type: plan.for_payer_type,
    free_trial_enabled: plan.free_trial_days !== null,
    free_trial_days: plan.free_trial_days,
  }
}

function featureFields(slug: string) {
  const words = slug.replaceAll(/[_-]/g, ' ')
  return { object: 'feature', id: idOf('feat', slug), slug, name: words.charAt(0).toUpperCase() + words.slice(1) }
}
