import { createRequire } from 'node:module'
import { join } from 'node:path'

const PACKAGES = ['core', 'express', 'fastify', 'hono', 'nestjs']

/**
 * Loads the version of `@clerk-auth/core` that a project uses, not one of ours. A project may depend on an adapter only,
 * which brings core with it.
 *
 * @returns `undefined` if the project has no package of ours
 */
export function coreOf(folder: string): unknown {
  const inProject = createRequire(join(folder, 'package.json'))
  for (const name of PACKAGES) {
    try {
      const path = inProject.resolve(`@clerk-auth/${name}`)
      return createRequire(path)('@clerk-auth/core')
    } catch {
      // The next one may be there.
    }
  }
  return undefined
}
