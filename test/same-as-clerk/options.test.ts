import type { ClerkOptions } from '@clerk/backend'
import type { ClerkMiddlewareOptions as ExpressOptions } from '@clerk/express'
import type { ClerkFastifyOptions } from '@clerk/fastify'
import type { ClerkMiddlewareOptions as HonoOptions } from '@clerk/hono'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import { expect, it } from 'vitest'
import { SDK_OPTIONS } from '../../packages/core/src/config/sdk-options.js'

type OptionsOf<T> = T extends unknown ? keyof T : never
type Theirs = OptionsOf<ClerkOptions | ExpressOptions | ClerkFastifyOptions | HonoOptions>

it("knows every option of Clerk's SDK by name: it exists here too, or an error says what to do instead", () => {
  // A new option of theirs does not compile until it is in one of the two lists.
  const instead: Readonly<Record<Exclude<Theirs, keyof ClerkAuthOptions>, string>> = SDK_OPTIONS
  for (const words of Object.values(instead)) expect(words).toMatch(/^["a-z].*[^.]$/)
})
