import { itemAnswer, trialAnswer } from '../../answers/subscription.js'
import { payerAnswer } from '../../answers/payer.js'
import { Refusal } from '../../api/errors.js'
import { cancelItem, extendTrial } from '../../billing/item-changes.js'
import { allPayers, payerOf } from '../../billing/payer.js'
import { itemById, itemsOf, planOf } from '../../billing/subscription.js'
import { PAYER_TYPES, type SubscriptionItem } from '../../model/billing.js'
import { boolean, oneOf, optional, refined, rule, strict, string } from '../../model/schema.js'
import type { World } from '../../state/world.js'
import { DAY_IN_MS } from '../../support/durations.js'
import { operation, type Call } from '../operation.js'
import { BARE_PAGE, BY_CREATION, enveloped, inOrder } from '../page.js'

const ITEM = '/v1/billing/subscription_items/{subscription_item_id}'
const LONGEST_EXTENSION_IN_MS = 365 * DAY_IN_MS

const FILTERS = {
  status: optional(oneOf('active', 'ended', 'past_due', 'upcoming', 'free_trial')),
  payer_type: optional(oneOf(...PAYER_TYPES)),
  plan_id: optional(string()),
  include_free: optional(boolean()),
  query: optional(string()),
} as const

const A_TIME = refined(
  string(),
  rule('form_param_value_invalid', 'must be a date and time in the format of RFC 3339', isTime),
)

export const subscriptionItems = [
  operation('GetCommerceSubscriptionItemList', 'GET /v1/billing/subscription_items', {
    query: { ...BARE_PAGE, ...FILTERS },
    run({ world, query }) {
      const { status, payer_type, plan_id, include_free = false } = query
      const items = (include_free ? allItems(world) : world.subscription_items.all())
        .filter((item) => include_free || !planOf(world, item).is_default)
        .filter((item) => status === undefined || isOfStatus(item, status))
        .filter((item) => plan_id === undefined || item.plan_id === plan_id)
        .filter((item) => payer_type === undefined || planOf(world, item).for_payer_type === payer_type)
        .filter((item) => query.query === undefined || isFound(query.query, item, world))
      return enveloped(inOrder(world, items, BY_CREATION), query, (item) => itemAnswer(item, world))
    },
  }),

  operation('CancelCommerceSubscriptionItem', `DELETE ${ITEM}`, {
    query: { end_now: optional(boolean()) },
    run(call) {
      const { world, query } = call
      const item = itemOf(call)
      if (planOf(world, item).is_default) throw new Refusal('bad_request', 'The default plan cannot be canceled.')
      if (item.status === 'ended') throw new Refusal('bad_request', 'The subscription item has already ended.')
      // Nothing is left of a period that has not been paid.
      const endNow = query.end_now === true || item.status === 'past_due'
      return itemAnswer(item.status === 'canceled' && !endNow ? item : cancelItem(world, item, endNow), world)
    },
  }),

  operation('ExtendBillingSubscriptionItemFreeTrial', `POST ${ITEM}/extend_free_trial`, {
    body: strict({ extend_to: A_TIME }),
    run(call) {
      const { world, body } = call
      const item = itemOf(call)
      if (item.status !== 'active' || !item.is_free_trial) throw new Refusal('subscription_item_not_in_free_trial')
      const end = Date.parse(body.extend_to)
      if (end <= world.now()) throw invalidEnd('must be in the future')
      if (end > item.period_end! + LONGEST_EXTENSION_IN_MS)
        throw invalidEnd('must be at most 365 days after the end of the free trial')
      return trialAnswer(extendTrial(world, item, end), world)
    },
  }),
]

/** @throws {Refusal} if there is no such item */
function itemOf({ world, params: { subscription_item_id: id = '' } }: Call): SubscriptionItem {
  const item = itemById(world, id)
  if (!item) throw new Refusal('subscription_item_not_found')
  return item
}

/** Every item, including the free ones that are not stored, oldest first. */
function allItems(world: World): readonly SubscriptionItem[] {
  return allPayers(world)
    .flatMap((payer) => itemsOf(world, payer))
    .toSorted((one, other) => one.created_at - other.created_at)
}

function isOfStatus(item: SubscriptionItem, status: SubscriptionItem['status'] | 'free_trial'): boolean {
  return status === 'free_trial' ? item.is_free_trial && item.status === 'active' : item.status === status
}

/** Searches the payer and the plan, ignoring case. */
function isFound(query: string, item: SubscriptionItem, world: World): boolean {
  const payer = payerOf(world, item.owner_id)
  const { first_name, last_name, email, organization_name } = payer ? payerAnswer(payer, world) : NO_PAYER
  const words = [first_name, last_name, email, organization_name, planOf(world, item).name, item.id, item.owner_id]
  return words.some((word) => word?.toLowerCase().includes(query.toLowerCase()))
}

const NO_PAYER = { first_name: null, last_name: null, email: null, organization_name: null } as const

function invalidEnd(rule: string): Refusal {
  return new Refusal('form_param_value_invalid', `extend_to ${rule}.`, 'extend_to')
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text))
}
