import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { settleBilling } from '../../src/billing/item-changes.js'
import { defaultSeed, type Seed } from '../../src/index.js'
import { populate } from '../../src/seed/populate.js'
import { createWorld } from '../../src/state/world.js'
import { errorCode, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf } from './client.js'

const NOW = Date.UTC(2026, 0, 31, 12)
const DAY = 86_400_000

/** Acme pays by the month, Globex has a free trial of 14 days, the others have the free plan. */
async function startBilling(more: Partial<Seed> = {}) {
  const local = await start({ now: () => NOW, seed: { ...defaultSeed, ...more } })
  const { CLERK_SECRET_KEY: secretKey } = local.env
  const { billing, organizations } = clientOf(local)
  const acme = local.organizations['acme'].id
  const globex = local.organizations['globex'].id
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${local.url}/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    })
  const itemsOf = async (id: string) => {
    const subscription = await (id.startsWith('user_')
      ? billing.getUserBillingSubscription(id)
      : billing.getOrganizationBillingSubscription(id))
    return subscription.subscriptionItems
  }
  const paidItemOf = async (id: string) => (await itemsOf(id)).find(({ plan }) => !plan!.isDefault)!
  const claims = async (input: object) => decodeJwt(await local.sessionToken(input))
  return { local, billing, organizations, acme, globex, ask, itemsOf, paidItemOf, claims }
}

interface List {
  readonly total_count: number
  readonly data: readonly { readonly id: string; readonly status: string; readonly payer_id: string }[]
}

const listOf = async (response: Promise<Response>) => (await (await response).json()) as List

describe('billing plans', () => {
  test('are listed newest first with their fees and features', async () => {
    const { billing } = await startBilling()
    const { data, totalCount } = await billing.getPlanList()
    expect(totalCount).toBe(4)
    expect(data.map(({ slug }) => slug)).toEqual(['pro', 'free_org', 'plus', 'free'])
    expect(data[0]).toMatchObject({
      fee: { amount: 2500, amountFormatted: '25.00', currency: 'USD', currencySymbol: '$' },
      annualFee: { amount: 24_000 },
      annualMonthlyFee: { amount: 2000 },
      freeTrialDays: 14,
      isDefault: false,
      hasBaseFee: true,
    })
    expect(data[0]!.features.map(({ slug }) => slug)).toEqual(['invoices', 'reports'])
  })

  test('are filtered by the type of payer', async () => {
    const { billing, ask } = await startBilling()
    const { data } = await billing.getPlanList({ payerType: 'user' })
    expect(data.map(({ slug }) => slug)).toEqual(['plus', 'free'])
    const wrong = await ask('/billing/plans?payer_type=team')
    expect([wrong.status, await errorCode(wrong)]).toEqual([422, 'form_param_value_invalid'])
  })
})

describe('a billing subscription', () => {
  test('has the free plan for everyone without another, also for new organizations', async () => {
    const { local, organizations, billing } = await startBilling()
    const created = await organizations.createOrganization({ name: 'Initech' })
    const subscriptions = [
      await billing.getOrganizationBillingSubscription(created.id),
      await billing.getUserBillingSubscription(local.people['dave'].id),
    ]
    expect(subscriptions.map(({ status }) => status)).toEqual(['active', 'active'])
    const items = subscriptions.flatMap(({ subscriptionItems }) => subscriptionItems)
    expect(items.map(({ plan, status, periodEnd }) => [plan?.slug, status, periodEnd])).toEqual([
      ['free_org', 'active', null],
      ['free', 'active', null],
    ])
  })

  test('of an organization with a paid plan has the next payment', async () => {
    const { billing, acme } = await startBilling()
    const subscription = await billing.getOrganizationBillingSubscription(acme)
    // The month after January 31 ends with February.
    expect(subscription).toMatchObject({
      status: 'active',
      nextPayment: { date: Date.UTC(2026, 1, 28, 12), amount: { amount: 2500 } },
      eligibleForFreeTrial: true,
    })
    expect(subscription.subscriptionItems.map(({ plan, status }) => [plan?.slug, status])).toEqual([
      ['free_org', 'ended'],
      ['pro', 'active'],
    ])
    expect(subscription.subscriptionItems[1]).toMatchObject({ isFreeTrial: false, lifetimePaid: { amount: 2500 } })
  })

  test('of an organization in a free trial says so', async () => {
    const { billing, globex, paidItemOf } = await startBilling()
    expect(await paidItemOf(globex)).toMatchObject({ isFreeTrial: true, status: 'active', periodEnd: NOW + 14 * DAY })
    expect(await billing.getOrganizationBillingSubscription(globex)).toMatchObject({ eligibleForFreeTrial: false })
  })

  test('of an unknown user or organization is not found', async () => {
    const { ask } = await startBilling()
    for (const path of ['/users/user_x', '/organizations/org_x']) {
      const response = await ask(`${path}/billing/subscription`)
      expect([response.status, await errorCode(response)]).toEqual([404, 'resource_not_found'])
    }
  })

  test('does not exist in an instance without plans', async () => {
    const { local, ask } = await startBilling({ plans: {}, subscriptions: [], statements: [] })
    const response = await ask(`/users/${local.people['alice'].id}/billing/subscription`)
    expect([response.status, await errorCode(response)]).toEqual([403, 'billing_not_enabled'])
  })

  test('is removed with its organization', async () => {
    const { organizations, acme, ask } = await startBilling()
    await organizations.deleteOrganization(acme)
    expect((await listOf(ask('/billing/subscription_items?include_free=true&payer_type=org'))).total_count).toBe(2)
    expect((await listOf(ask('/billing/statements'))).total_count).toBe(0)
  })
})

describe('the list of subscription items', () => {
  test.each([
    ['', 2],
    ['?include_free=true', 8],
    ['?status=active', 2],
    ['?status=free_trial', 1],
    ['?status=ended&include_free=true', 2],
    ['?status=upcoming', 0],
    ['?payer_type=user', 0],
    ['?payer_type=user&include_free=true', 4],
    ['?plan_id=cplan_unknown', 0],
    ['?query=GLOB', 1],
    ['?query=pro', 2],
    ['?limit=1', 2],
  ])('with %s has %i items', async (query, count) => {
    const { ask } = await startBilling()
    const { data, total_count } = await listOf(ask(`/billing/subscription_items${query}`))
    expect(total_count).toBe(count)
    expect(data).toHaveLength(query === '?limit=1' ? 1 : count)
  })

  test('is newest first', async () => {
    const { ask, globex, acme } = await startBilling()
    const { data } = await listOf(ask('/billing/subscription_items'))
    expect(data.map(({ payer_id }) => payer_id.slice(7))).toEqual([globex.slice(4), acme.slice(4)])
  })
})

describe('cancelling a subscription item', () => {
  test('keeps the plan until the end of the period, after which the free one follows', async () => {
    const { local, billing, acme, itemsOf, paidItemOf, claims } = await startBilling()
    const { id, periodEnd } = await paidItemOf(acme)
    expect(await billing.cancelSubscriptionItem(id)).toMatchObject({
      status: 'canceled',
      canceledAt: NOW,
      endedAt: null,
    })
    expect(await claims({ user: 'alice' })).toMatchObject({ pla: 'o:pro', fea: 'o:invoices,o:reports' })
    expect((await itemsOf(acme)).map(({ plan, status }) => [plan?.slug, status])).toEqual([
      ['free_org', 'ended'],
      ['pro', 'canceled'],
      ['free_org', 'upcoming'],
    ])
    local.clock.set(periodEnd!)
    expect((await itemsOf(acme)).map(({ status, endedAt }) => [status, endedAt])).toEqual([
      ['ended', NOW],
      ['ended', periodEnd],
      ['active', null],
    ])
    expect(await claims({ user: 'alice', permissions: [] })).toMatchObject({ pla: 'o:free_org' })
    expect(await claims({ user: 'alice', permissions: [] })).not.toHaveProperty('fea')
    expect(local.organizations['acme']).toMatchObject({ plan: 'free_org', features: [] })
  })

  test('with end_now ends it at once, also after it was canceled', async () => {
    const { billing, acme, itemsOf, paidItemOf, claims } = await startBilling()
    const { id } = await paidItemOf(acme)
    await billing.cancelSubscriptionItem(id)
    const ended = await billing.cancelSubscriptionItem(id, { endNow: true })
    expect(ended).toMatchObject({ status: 'ended', endedAt: NOW, nextPayment: null })
    expect((await itemsOf(acme)).map(({ status }) => status)).toEqual(['ended', 'ended', 'active'])
    expect(await claims({ user: 'alice' })).toMatchObject({ pla: 'o:free_org' })
  })

  test('twice changes nothing', async () => {
    const { local, billing, acme, itemsOf, paidItemOf } = await startBilling()
    const { id } = await paidItemOf(acme)
    await billing.cancelSubscriptionItem(id)
    local.clock.advance(DAY)
    expect(await billing.cancelSubscriptionItem(id)).toMatchObject({ status: 'canceled', canceledAt: NOW })
    expect(await itemsOf(acme)).toHaveLength(3)
  })

  test('is refused for the free plan, for one that has ended and for an unknown one', async () => {
    const { local, billing, acme, ask, itemsOf, paidItemOf } = await startBilling()
    const [free] = await itemsOf(local.people['dave'].id)
    const { id } = await paidItemOf(acme)
    await billing.cancelSubscriptionItem(id, { endNow: true })
    for (const [item, status, code] of [
      [free!.id, 400, 'bad_request'],
      [id, 400, 'bad_request'],
      ['csub_item_unknown', 404, 'subscription_item_not_found'],
    ] as const) {
      const response = await ask(`/billing/subscription_items/${item}`, { method: 'DELETE' })
      expect([response.status, await errorCode(response)]).toEqual([status, code])
    }
  })
})

describe('extending a free trial', () => {
  test('moves its end, as often as it is asked', async () => {
    const { local, billing, globex, paidItemOf } = await startBilling()
    const { id } = await paidItemOf(globex)
    const extendTo = new Date(NOW + 30 * DAY)
    for (let i = 0; i < 2; i++)
      expect(await billing.extendSubscriptionItemFreeTrial(id, { extendTo })).toMatchObject({
        isFreeTrial: true,
        periodEnd: extendTo.getTime(),
        plan: { slug: 'pro' },
      })
    local.clock.advance(29 * DAY)
    expect(await paidItemOf(globex)).toMatchObject({ isFreeTrial: true })
  })

  test.each([
    [{ extend_to: new Date(NOW).toISOString() }, 'form_param_value_invalid'],
    [{ extend_to: new Date(NOW + (14 + 365) * DAY + 1).toISOString() }, 'form_param_value_invalid'],
    [{ extend_to: 'tomorrow' }, 'form_param_value_invalid'],
    [{}, 'form_param_missing'],
    [{ extend_to: new Date(NOW + DAY).toISOString(), days: 1 }, 'form_param_unknown'],
  ])('to %j is refused', async (body, code) => {
    const { globex, ask, paidItemOf } = await startBilling()
    const { id } = await paidItemOf(globex)
    const path = `/billing/subscription_items/${id}/extend_free_trial`
    const response = await ask(path, { method: 'POST', body: JSON.stringify(body) })
    expect([response.status, await errorCode(response)]).toEqual([422, code])
  })

  test('to 365 days after its end is allowed', async () => {
    const { billing, globex, paidItemOf } = await startBilling()
    const { id } = await paidItemOf(globex)
    const extendTo = new Date(NOW + (14 + 365) * DAY)
    expect((await billing.extendSubscriptionItemFreeTrial(id, { extendTo })).periodEnd).toBe(extendTo.getTime())
  })

  test('is refused without a trial, after its end and for a canceled one', async () => {
    const { local, billing, acme, globex, paidItemOf } = await startBilling()
    const extend = (id: string, days: number) =>
      billing.extendSubscriptionItemFreeTrial(id, { extendTo: new Date(NOW + days * DAY) })
    const refusal = { status: 403, errors: [{ code: 'subscription_item_not_in_free_trial' }] }
    const { id } = await paidItemOf(globex)
    await expect(extend((await paidItemOf(acme)).id, 20)).rejects.toMatchObject(refusal)
    local.clock.advance(14 * DAY)
    await expect(extend(id, 20)).rejects.toMatchObject(refusal)
    local.reset()
    await billing.cancelSubscriptionItem(id)
    await expect(extend(id, 20)).rejects.toMatchObject(refusal)
    await expect(extend('csub_item_x', 20)).rejects.toMatchObject({ errors: [{ code: 'subscription_item_not_found' }] })
  })
})

describe('as time passes, a subscription item', () => {
  test('is renewed and paid each period', async () => {
    const { local, acme, ask, paidItemOf } = await startBilling()
    local.clock.set(Date.UTC(2026, 3, 15))
    expect(await paidItemOf(acme)).toMatchObject({
      status: 'active',
      periodStart: Date.UTC(2026, 2, 28, 12),
      periodEnd: Date.UTC(2026, 3, 28, 12),
      lifetimePaid: { amount: 7500 },
    })
    // One of the seed, two of Acme, and three of Globex, whose trial ended on February 14.
    expect((await listOf(ask('/billing/statements'))).total_count).toBe(6)
  })

  test('in a free trial becomes a paid one', async () => {
    const { local, globex, paidItemOf } = await startBilling()
    local.clock.advance(14 * DAY)
    expect(await paidItemOf(globex)).toMatchObject({
      status: 'active',
      isFreeTrial: false,
      periodStart: NOW + 14 * DAY,
      lifetimePaid: { amount: 2500 },
    })
  })

  test('whose payments fail becomes past due, and ends at once when it is canceled', async () => {
    const subscriptions = [{ user: 'dave', plan: 'plus', paymentsFail: true, daysSinceStart: 10 }]
    const { local, billing, itemsOf, paidItemOf, ask, claims } = await startBilling({ subscriptions, statements: [] })
    const dave = local.people['dave'].id
    expect(await claims({ user: 'dave' })).toMatchObject({ pla: 'u:plus', fea: 'u:export' })
    const { id, periodEnd } = await paidItemOf(dave)
    local.clock.set(periodEnd!)
    expect(await paidItemOf(dave)).toMatchObject({
      status: 'past_due',
      pastDueAt: periodEnd,
      lifetimePaid: { amount: 0 },
    })
    expect(await billing.getUserBillingSubscription(dave)).toMatchObject({ status: 'past_due', pastDueAt: periodEnd })
    const statement = (await listOf(ask('/billing/statements'))).data[0]!
    const { data } = await listOf(ask(`/billing/statements/${statement.id}/payment_attempts`))
    expect(data.map(({ status }) => status)).toEqual(['failed'])
    expect(await billing.cancelSubscriptionItem(id)).toMatchObject({ status: 'ended', endedAt: periodEnd })
    expect((await itemsOf(dave)).at(-1)).toMatchObject({ status: 'active', plan: { slug: 'free' } })
  })

  test('is right without a request in between, also after thousands of years', async () => {
    const { local, acme, globex, paidItemOf, claims, ask } = await startBilling()
    local.clock.set(8.6e15)
    expect(await claims({ user: 'carol' })).toMatchObject({ pla: 'o:pro' })
    for (const id of [acme, globex]) expect((await paidItemOf(id)).periodEnd).toBeGreaterThan(8.6e15)
    expect((await listOf(ask('/billing/statements'))).total_count).toBeLessThan(100)
  })

  test('follows a clock that nobody moves', async () => {
    let now = NOW
    const local = await start({ now: () => now })
    const { billing } = clientOf(local)
    const { id } = local.organizations.globex
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    now = NOW + 20 * DAY
    const { subscriptionItems } = await billing.getOrganizationBillingSubscription(id)
    expect(subscriptionItems[1]).toMatchObject({ isFreeTrial: false, lifetimePaid: { amount: 2500 } })
    await local.webhooks.settled()
    expect(receiver.types()).toEqual([
      'subscriptionItem.freeTrialEnding',
      'paymentAttempt.created',
      'paymentAttempt.updated',
      'subscriptionItem.updated',
      'subscription.updated',
    ])
  })

  test('is paid once for a period, also if its renewal could not be stored at first', () => {
    let now = NOW
    let payments = 0
    const world = createWorld({
      now: () => now,
      url: () => 'http://127.0.0.1',
      store(changes) {
        const payment = changes.find(({ table }) => table === 'payment_attempts')
        if (payment && ++payments === 2) throw new Error('the disk is full')
      },
    })
    populate(
      world,
      { ...defaultSeed, subscriptions: [{ organization: 'globex', plan: 'pro' }], statements: [] },
      'sk_test_x',
    )
    now += 29 * DAY
    expect(() => settleBilling(world)).toThrow('the disk is full')
    settleBilling(world)
    expect(world.payment_attempts.all().map(({ status }) => status)).toEqual(['paid'])
  })
})

describe('statements', () => {
  test('have their payments, and the plan that was paid for', async () => {
    const { acme, ask } = await startBilling()
    const { data, total_count } = await listOf(ask('/billing/statements?paginated=true'))
    expect(total_count).toBe(1)
    const statement = (await (await ask(`/billing/statements/${data[0]!.id}`)).json()) as object
    expect(statement).toMatchObject({
      status: 'closed',
      timestamp: NOW,
      payer: { organization_id: acme, organization_name: 'Acme', user_id: null },
      totals: { grand_total: { amount: 2500 } },
      groups: [{ items: [{ status: 'paid', amount: { amount: 2500 }, paid_at: NOW, failed_at: null }] }],
    })
    const attempts = await (await ask(`/billing/statements/${data[0]!.id}/payment_attempts`)).json()
    expect(attempts).toMatchObject({ total_count: 1, data: [{ subscription_item: { plan: { slug: 'pro' } } }] })
  })

  test('that are unknown are not found', async () => {
    const { ask } = await startBilling()
    for (const path of ['/billing/statements/stmt_x', '/billing/statements/stmt_x/payment_attempts']) {
      const response = await ask(path)
      expect([response.status, await errorCode(response)]).toEqual([404, 'resource_not_found'])
    }
  })
})

describe('webhook events of billing', () => {
  async function startWithReceiver(more: Partial<Seed> = {}) {
    const started = await startBilling(more)
    const receiver = await startReceiver()
    started.local.webhooks.add({ url: receiver.url })
    const types = async () => {
      await started.local.webhooks.settled()
      return receiver.received.splice(0).map(({ event }) => event.type)
    }
    return { ...started, types }
  }

  test('tell that a free trial ends soon, when it is paid for, and each renewal', async () => {
    const { local, billing, globex, paidItemOf, types } = await startWithReceiver()
    await billing.cancelSubscriptionItem((await paidItemOf(local.organizations['acme'].id)).id, { endNow: true })
    await types()
    local.clock.advance(11 * DAY - 1)
    expect(await types()).toEqual([])
    local.clock.advance(1)
    expect(await types()).toEqual(['subscriptionItem.freeTrialEnding'])
    const renewal = [
      'paymentAttempt.created',
      'paymentAttempt.updated',
      'subscriptionItem.updated',
      'subscription.updated',
    ]
    local.clock.advance(3 * DAY)
    expect(await types()).toEqual(renewal)
    local.clock.set((await paidItemOf(globex)).periodEnd!)
    expect(await types()).toEqual(renewal)
  })

  test('tell that an item was canceled, and that it ended and the free one started', async () => {
    const { local, billing, acme, paidItemOf, types } = await startWithReceiver()
    const { id, periodEnd } = await paidItemOf(acme)
    await billing.extendSubscriptionItemFreeTrial((await paidItemOf(local.organizations['globex'].id)).id, {
      extendTo: new Date(NOW + 90 * DAY),
    })
    expect(await types()).toEqual(['subscriptionItem.updated', 'subscription.updated'])
    await billing.cancelSubscriptionItem(id)
    expect(await types()).toEqual(['subscriptionItem.canceled', 'subscriptionItem.upcoming', 'subscription.updated'])
    local.clock.set(periodEnd!)
    expect([...new Set(await types())].toSorted()).toEqual([
      'subscription.updated',
      'subscriptionItem.active',
      'subscriptionItem.ended',
    ])
  })

  test('tell that a payment failed, and that the free plan followed', async () => {
    const subscriptions = [{ user: 'dave', plan: 'plus', paymentsFail: true }]
    const { local, billing, paidItemOf, types } = await startWithReceiver({ subscriptions, statements: [] })
    local.clock.advance(32 * DAY)
    expect(await types()).toEqual([
      'paymentAttempt.created',
      'paymentAttempt.updated',
      'subscriptionItem.pastDue',
      'subscription.pastDue',
    ])
    const { id } = await paidItemOf(local.people['dave'].id)
    await billing.cancelSubscriptionItem(id)
    expect(await types()).toEqual(['subscriptionItem.ended', 'subscriptionItem.active', 'subscription.active'])
    const subscription = await billing.getUserBillingSubscription(local.people['dave'].id)
    expect(subscription).toMatchObject({ status: 'active', pastDueAt: null })
  })
})
