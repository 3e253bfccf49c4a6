import { paymentAttemptAnswer, statementAnswer } from '../../answers/statement.js'
import { Refusal } from '../../api/errors.js'
import { boolean, optional } from '../../model/schema.js'
import { operation } from '../operation.js'
import { BARE_PAGE, BY_CREATION, enveloped, inOrder } from '../page.js'
import { resource } from '../resource.js'

const statement = resource('statements', {
  path: '/v1/billing/statements',
  param: 'statementID',
  missing: () => new Refusal('resource_not_found', 'Statement not found'),
  answer: (record, { world }) => statementAnswer(record, world),
})

export const statements = [
  statement.list('GetBillingStatementList', {
    query: { paginated: optional(boolean()) },
    page: 'envelope',
  }),

  statement.get('GetBillingStatement'),

  operation('GetBillingStatementPaymentAttempts', `GET ${statement.item}/payment_attempts`, {
    query: BARE_PAGE,
    run(call) {
      const { world, query } = call
      const attempts = world.payment_attempts.where('statement_id', statement.recordOf(call).id)
      return enveloped(inOrder(world, attempts, BY_CREATION), query, (it) => paymentAttemptAnswer(it, world))
    },
  }),
]
