import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { andThen, described, guardDescription, identify } from '@clerk-auth/core/adapter'
import type { ProtectedResource } from '@clerk-auth/core/mcp'
import type { CanActivate } from '@nestjs/common'
import { callOf, isCall, pathOf } from './call.js'
import { bind } from './instance.js'
import { marksOf } from './mark.js'
import { enforce, guardCheck } from './require-auth.js'

/** The guard of the whole application: identifies the caller, and requires a session where no decorator says otherwise. */
export function appGuard(clerk: ClerkAuth<AcceptsToken>, resources: readonly ProtectedResource[] = []): CanActivate {
  const requireSession = guardCheck({})
  const guard: CanActivate = {
    canActivate(context) {
      const [nearest] = marksOf(context)
      if (nearest?.isPublic && !isCall(context)) return true
      const { holder, source } = callOf(context)
      bind(holder, clerk)
      return andThen(identify(holder, source, clerk), () => {
        for (const resource of resources) resource.enter(holder, pathOf(context), clerk)
        return nearest ? true : enforce(requireSession, context)
      })
    },
  }
  // For routes without a decorator.
  return described(guard, guardDescription({}))
}
