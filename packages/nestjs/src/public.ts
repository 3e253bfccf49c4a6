import { checkCalled, described, PUBLIC } from '@clerk-auth/core/adapter'
import { mark } from './mark.js'

/**
 * Marks a handler, or all handlers of a controller, as intentionally public: the caller is still identified, for
 * {@link OptionalAuth}. On a handler it takes precedence over `@RequireAuth()` of its controller.
 */
export function Public(...uncalled: readonly never[]): ClassDecorator & MethodDecorator {
  checkCalled('@Public', ...uncalled)
  return described(mark({ isPublic: true, acceptsOnlySessions: false }), PUBLIC)
}
