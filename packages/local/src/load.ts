import { createRequire } from 'node:module'
import type * as sqlite from 'node-sqlite3-wasm'
import type * as standardWebhooks from 'standardwebhooks'

interface Dependencies {
  readonly 'node-sqlite3-wasm': typeof sqlite
  readonly standardwebhooks: typeof standardWebhooks
}

// Not by import(): where Jest runs CommonJS, there is none.
const require = createRequire(import.meta.url)

/** A dependency that most instances do without, and that takes its time to load. */
export function load<Name extends keyof Dependencies>(name: Name): Dependencies[Name] {
  return require(name) as Dependencies[Name]
}
