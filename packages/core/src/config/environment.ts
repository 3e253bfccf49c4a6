import { ownCopy } from '../support/declaration.js'
import { checkOptions, type ClerkAuthOptions } from './options.js'
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

/** Variables that hold a list, separated by commas. */
const LISTS: ReadonlySet<string> = new Set(['audience', 'authorizedParties'])

/**
 * Adds to the options what the environment says. A value in code replaces the variable of that option only.
 *
 * @throws {TypeError} that names the option
 */
export function withEnvironment(options: ClerkAuthOptions, environment: Environment): ClerkAuthOptions {
  const fromEnvironment: Record<string, string | string[]> = {}
  for (const [option, name] of Object.entries(VARIABLES) as [keyof typeof VARIABLES, string][]) {
    const value = variable(environment, name)
    if (value === undefined || options[option] !== undefined) continue
    fromEnvironment[option] = LISTS.has(option) ? value.split(',').map((one) => one.trim()) : value
  }
  checkOptions(fromEnvironment)
  return ownCopy({ ...options, ...fromEnvironment })
}

/**
 * A variable of the environment. An empty one counts as unset.
 *
 * @throws {TypeError} where it is no text, as a binding of a Worker may be
 */
export function variable(environment: Environment, name: string): string | undefined {
  const value = safeGet(environment, name) ?? ''
  if (typeof value !== 'string') throw new TypeError(`${name} in the environment is no text: give the option instead`)
  return value.trim() || undefined
}

export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
