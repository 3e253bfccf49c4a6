// Replaces the targets of the contract: the same apps, in another runtime.
export { answerOf, type App } from '../../test/contract/app.js'
export {
  hasAdapter,
  listen,
  mountsClerkAuth,
  rawRequest,
  type Served,
  type Target,
} from '../../test/contract/targets.js'
export { targets } from './this-runtime.js'
