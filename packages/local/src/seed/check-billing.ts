import { list } from '../support/list.js'
import { defaultSeed } from './default-seed.js'
import { shapeProblems, type SeedProblem } from './shape-problems.js'
import { STATEMENT, SUBSCRIPTION } from './seed-schema.js'
import type { Seed, SeedPayer, SeedPlan, SeedSubscription } from './seed.js'

/** The problems in the subscriptions and statements of a seed. */
export function* billingProblems(seed: Seed): Generator<SeedProblem> {
  const { subscriptions = [], statements = [] } = seed
  const plans: Readonly<Record<string, SeedPlan>> = seed.plans ?? defaultSeed.plans
  const subscribed = new Set<string>()
  for (const [i, subscription] of subscriptions.entries()) {
    const what = `subscription ${i + 1} in the seed`
    const path = ['subscriptions', i]
    yield* shapeProblems(what, subscription, path, SUBSCRIPTION)
    yield* payerProblems(what, subscription, path, seed)
    yield* subscriptionProblems(what, subscription, path, plans)
    if (subscribed.has(payerKey(subscription))) yield { message: `${what} is the second one of its payer`, path }
    subscribed.add(payerKey(subscription))
  }
  for (const [i, statement] of statements.entries()) {
    const what = `statement ${i + 1} in the seed`
    const path = ['statements', i]
    yield* shapeProblems(what, statement, path, STATEMENT)
    yield* payerProblems(what, statement, path, seed)
    if (!subscribed.has(payerKey(statement)))
      yield { message: `${what} must belong to a user or an organization with a subscription in the seed`, path }
  }
}

function* payerProblems(
  what: string,
  { user, organization }: SeedPayer,
  path: SeedProblem['path'],
  { people, organizations }: Seed,
): Generator<SeedProblem> {
  if ((user === undefined) === (organization === undefined))
    yield { message: `${what} requires either a "user" or an "organization"`, path }
  const [field, name, known] =
    user === undefined ? (['organization', organization, organizations] as const) : (['user', user, people] as const)
  if (name !== undefined && !Object.hasOwn(known, name))
    yield {
      message: `${what} belongs to "${name}", but the seed only has ${list(Object.keys(known))}`,
      path: [...path, field],
    }
}

function* subscriptionProblems(
  what: string,
  { user, plan: slug, trial = false, period = 'month' }: SeedSubscription,
  path: SeedProblem['path'],
  plans: Readonly<Record<string, SeedPlan>>,
): Generator<SeedProblem> {
  const payerType = user === undefined ? 'org' : 'user'
  const known = Object.keys(plans).filter((name) => plans[name]!.payer === payerType && plans[name]!.amount)
  const plan = known.includes(slug) ? plans[slug] : undefined
  if (!plan)
    return yield {
      message: `${what} is to plan "${slug}", but the paid plans for ${payerType === 'org' ? 'organizations' : 'users'} are only ${list(known)}`,
      path: [...path, 'plan'],
    }
  if (trial && plan.freeTrialDays === undefined)
    yield { message: `${what} has a trial, but plan "${slug}" has no "freeTrialDays"`, path: [...path, 'trial'] }
  if (period === 'annual' && plan.annualMonthlyAmount === undefined)
    yield {
      message: `${what} is paid by the year, but plan "${slug}" has no "annualMonthlyAmount"`,
      path: [...path, 'period'],
    }
}

function payerKey({ user, organization }: SeedPayer): string {
  return user === undefined ? `organization:${organization}` : `user:${user}`
}
