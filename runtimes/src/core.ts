// Replaces core in the tests: instances are created in another runtime.
export * from '../../packages/core/src/index.js'
export { createClerkAuth } from './this-runtime.js'
