import { createRequire } from 'node:module'
import type * as handlebars from 'handlebars'
import type * as hashWasm from 'hash-wasm'
import type * as imageSize from 'image-size'
import type * as sqlite from 'node-sqlite3-wasm'
import type * as otpauth from 'otpauth'
import type * as standardWebhooks from 'standardwebhooks'

interface Dependencies {
  readonly handlebars: typeof handlebars
  readonly 'hash-wasm': typeof hashWasm
  readonly 'image-size': typeof imageSize
  readonly 'node-sqlite3-wasm': typeof sqlite
  readonly otpauth: typeof otpauth
  readonly standardwebhooks: typeof standardWebhooks
}

// Not import(), which Jest does not support in CommonJS.
const require = createRequire(import.meta.url)

/** Loads a dependency that most instances do not need and that is slow to load. */
export function load<Name extends keyof Dependencies>(name: Name): Dependencies[Name] {
  return require(name) as Dependencies[Name]
}
