export { expectGuarded } from './routes/expect-guarded.js'
export type { ExpectGuardedOptions } from './routes/expect-guarded.js'
