import { described, PUBLIC, type Described } from '@clerk-auth/core/adapter'
import type { FastifyContextConfig } from 'fastify'

/**
 * Marks a route as intentionally public: `app.get('/health', { config: isPublic() }, health)`. A guard of the whole
 * scope, `addHook('onRequest', requireAuth())`, skips it. To add other config, write `{ ...isPublic(), other }`.
 */
// Plugins that add fields to the config, such as `@fastify/swagger`, make the compiler refuse other objects.
export function isPublic(): Described & FastifyContextConfig {
  return described({}, PUBLIC)
}
