import { jwks } from './jwks.js'
import { plans } from './billing/plans.js'
import { statements } from './billing/statements.js'
import { subscriptionItems } from './billing/subscription-items.js'
import { subscriptions } from './billing/subscriptions.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { samlConnections } from './saml-connections.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...organizations,
  ...plans,
  ...samlConnections,
  ...statements,
  ...subscriptionItems,
  ...subscriptions,
]
