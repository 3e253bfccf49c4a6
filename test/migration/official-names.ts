import type { ClerkMiddlewareOptions as ExpressOptions } from '@clerk/express'
import type { ClerkFastifyOptions } from '@clerk/fastify'
import type { ClerkHonoVariables, ClerkMiddlewareOptions as HonoOptions } from '@clerk/hono'

// page.test.ts asks the compiler for the members of these unions.
export type Options = keyof ExpressOptions | keyof ClerkFastifyOptions | keyof HonoOptions
export type Variables = keyof ClerkHonoVariables
