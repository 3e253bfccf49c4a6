import { ownCopy } from '../support/declaration.js'
import { checkOption, type ClerkAuthOptions } from './options.js'
import { safeGet } from '../support/safe-get.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** The options that can be set in the environment. */
export const VARIABLES = {
  publishableKey: 'CLERK_PUBLISHABLE_KEY',
  frontendApiUrl: 'CLERK_FAPI',
  secretKey: 'CLERK_SECRET_KEY',
  machineSecretKey: 'CLERK_MACHINE_SECRET_KEY',
  machineId: 'CLERK_MACHINE_ID',
  jwtKey: 'CLERK_JWT_KEY',
  audience: 'CLERK_AUDIENCE',
  authorizedParties: 'CLERK_AUTHORIZED_PARTIES',
  apiUrl: 'CLERK_API_URL',
  apiVersion: 'CLERK_API_VERSION',
} as const satisfies Partial<Record<keyof ClerkAuthOptions, `CLERK_${string}`>>

/** Options whose variables hold a comma-separated list. */
const LISTS: ReadonlySet<string> = new Set(['audience', 'authorizedParties'])

/**
 * Merges the environment into the options. An option set in code overrides only its own variable.
 *
 * @throws {TypeError} naming the variable
 */
export function withEnvironment(options: ClerkAuthOptions, environment: Environment): ClerkAuthOptions {
  const fromEnvironment: Record<string, string | string[]> = {}
  for (const [option, name] of Object.entries(VARIABLES) as [keyof typeof VARIABLES, string][]) {
    const value = variable(environment, name)
    if (value === undefined || options[option] !== undefined) continue
    const given = LISTS.has(option) ? value.split(',').map((one) => one.trim()) : value
    const problem = checkOption(option, given)
    if (problem !== true) throw new TypeError(`${name} in the environment ${problem}`)
    fromEnvironment[option] = given
  }
  return ownCopy({ ...options, ...fromEnvironment })
}

/**
 * Reads an environment variable. An empty one counts as unset.
 *
 * @throws {TypeError} if it is not a string, as Workers bindings may be
 */
export function variable(environment: Environment, name: string): string | undefined {
  const value = safeGet(environment, name) ?? ''
  if (typeof value !== 'string')
    throw new TypeError(`${name} in the environment is not a string: set the option instead`)
  return value.trim() || undefined
}

export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
