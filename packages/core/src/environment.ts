import { ownCopy } from './declaration.js'
import { checkOptions, type ClerkAuthOptions } from './options.js'
import { unpolluted } from './unpolluted.js'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Adds to the options what the environment says. A value in code replaces the variable of that option only.
 *
 * @throws {TypeError} that names the option
 */
export function withEnvironment(options: ClerkAuthOptions, environment: Environment): ClerkAuthOptions {
  const variables = {
    publishableKey: variable(environment, 'CLERK_PUBLISHABLE_KEY'),
    frontendApiUrl: variable(environment, 'CLERK_FAPI'),
    secretKey: variable(environment, 'CLERK_SECRET_KEY'),
    machineSecretKey: variable(environment, 'CLERK_MACHINE_SECRET_KEY'),
    machineId: variable(environment, 'CLERK_MACHINE_ID'),
    jwtKey: variable(environment, 'CLERK_JWT_KEY'),
    audience: list(environment, 'CLERK_AUDIENCE'),
    authorizedParties: list(environment, 'CLERK_AUTHORIZED_PARTIES'),
    apiUrl: variable(environment, 'CLERK_API_URL'),
    apiVersion: variable(environment, 'CLERK_API_VERSION'),
  }
  const left = ([name, value]: [string, unknown]) =>
    value !== undefined && options[name as keyof ClerkAuthOptions] === undefined
  const fromEnvironment = Object.fromEntries(Object.entries(variables).filter(left))
  checkOptions(fromEnvironment)
  return ownCopy({ ...options, ...fromEnvironment })
}

/**
 * A variable of the environment. An empty one counts as unset.
 *
 * @throws {TypeError} where it is no text, as a binding of a Worker may be
 */
export function variable(environment: Environment, name: string): string | undefined {
  const value = unpolluted(environment, name) ?? ''
  if (typeof value !== 'string') throw new TypeError(`${name} in the environment is no text: give the option instead`)
  return value.trim() || undefined
}

function list(environment: Environment, name: string): string[] | undefined {
  return variable(environment, name)
    ?.split(',')
    .map((one) => one.trim())
}

export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
