import { described, PUBLIC, type Described } from '@clerk-auth/core/adapter'

/**
 * Marks a route as intentionally public: `app.get('/health', { config: isPublic() }, health)`. A guard of the whole
 * scope, `addHook('onRequest', requireAuth())`, skips it. To add other config, write `{ ...isPublic(), other }`.
 */
export function isPublic(): Described {
  return described({}, PUBLIC)
}
