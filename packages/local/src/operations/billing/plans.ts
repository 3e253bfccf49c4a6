import { planAnswer } from '../../answers/plan.js'
import { Refusal } from '../../api/errors.js'
import { PAYER_TYPES } from '../../model/billing.js'
import { boolean, oneOf, optional } from '../../model/schema.js'
import { resource } from '../resource.js'

const plan = resource('plans', {
  path: '/v1/billing/plans',
  param: 'plan_id',
  missing: () => new Refusal('resource_not_found', 'Plan not found'),
  answer: planAnswer,
})

export const plans = [
  plan.list('GetCommercePlanList', {
    query: { paginated: optional(boolean()), payer_type: optional(oneOf(...PAYER_TYPES)) },
    filter: ({ for_payer_type }, { query }) => query.payer_type === undefined || query.payer_type === for_payer_type,
    page: 'envelope',
  }),
]
