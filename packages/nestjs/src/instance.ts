import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'

/** Injects the instance of the application: `@Inject(CLERK_AUTH) clerk: ClerkAuth`. */
export const CLERK_AUTH: unique symbol = Symbol.for('clerk-auth.nestjs')

interface Holder {
  [CLERK_AUTH]?: ClerkAuth<AcceptsToken>
}

/** @throws {TypeError} if two modules with different instances guard the application */
export function bind(holder: Holder, clerk: ClerkAuth<AcceptsToken>): void {
  const earlier = holder[CLERK_AUTH]
  if (earlier && earlier !== clerk)
    throw new TypeError('ClerkAuthModule.forRoot() is imported twice: import it once, in the root module')
  holder[CLERK_AUTH] = clerk
}

/** @throws {TypeError} if the module is missing */
export function boundInstance(holder: Holder, reader: string): ClerkAuth<AcceptsToken> {
  const clerk = holder[CLERK_AUTH]
  if (!clerk)
    throw new TypeError(
      `${reader} needs the guard of ClerkAuthModule to run first: import ClerkAuthModule.forRoot() in the root module`,
    )
  return clerk
}
