import { isLoopbackUrl } from '../support/loopback.js'
import { frontendApiOf } from '../tokens/publishable-key.js'
import { note, ok, problem, type Finding } from './finding.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where an API with this environment finds Clerk. */
export interface Settings {
  /** origin of the Frontend API, which is also the issuer */
  readonly issuer: string | undefined
  /** origin of the Backend API */
  readonly apiUrl: string
  readonly secretKey: string | undefined
  readonly machineSecretKey: string | undefined
  readonly machineId: string | undefined
}

export function settingsIn(env: Environment): Settings {
  const host = frontendApiOf(valueOf(env, 'CLERK_PUBLISHABLE_KEY') ?? '')
  const named = host === undefined ? undefined : originOf(host)
  return {
    issuer: valueOf(env, 'CLERK_FAPI')?.replace(/\/+$/, '') ?? named,
    apiUrl: valueOf(env, 'CLERK_API_URL')?.replace(/\/+$/, '') ?? 'https://api.clerk.com',
    secretKey: valueOf(env, 'CLERK_SECRET_KEY'),
    machineSecretKey: valueOf(env, 'CLERK_MACHINE_SECRET_KEY'),
    machineId: valueOf(env, 'CLERK_MACHINE_ID'),
  }
}

/** An empty variable counts as unset. */
function valueOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}

/** A local instance has no certificate. */
function originOf(host: string): string {
  const local = `http://${host}`
  return isLoopbackUrl(local) ? local : `https://${host}`
}

const KEY_PAGE = 'https://dashboard.clerk.com/last-active?path=api-keys'

/** Whether the keys are keys, both for tests or both live. */
export function checkKeys(env: Environment): readonly Finding[] {
  const publishableKey = valueOf(env, 'CLERK_PUBLISHABLE_KEY')
  const secretKey = valueOf(env, 'CLERK_SECRET_KEY')
  const findings = [...publishableFindings(publishableKey), ...secretFindings(secretKey)]
  const [publishable, secret] = [environmentOf(publishableKey), environmentOf(secretKey)]
  if (publishable && secret && publishable !== secret)
    findings.push(
      problem(
        `CLERK_PUBLISHABLE_KEY is a ${publishable} key and CLERK_SECRET_KEY a ${secret} key`,
        `copy both from one instance: ${KEY_PAGE}`,
      ),
    )
  return findings
}

function publishableFindings(key: string | undefined): Finding[] {
  if (key === undefined)
    return [
      note('CLERK_PUBLISHABLE_KEY is not set', 'set it, or CLERK_FAPI or CLERK_JWT_KEY, for tokens that are JWTs'),
    ]
  if (key.startsWith('sk_'))
    return [problem('CLERK_PUBLISHABLE_KEY is a secret key', 'use the publishable key there, which begins with pk_')]
  if (frontendApiOf(key) === undefined)
    return [problem('CLERK_PUBLISHABLE_KEY is not a publishable key', `copy it again: ${KEY_PAGE}`)]
  return [ok(`CLERK_PUBLISHABLE_KEY is a ${environmentOf(key)} key of ${frontendApiOf(key)}`)]
}

function secretFindings(key: string | undefined): Finding[] {
  if (key === undefined) return [note('CLERK_SECRET_KEY is not set', 'set it for opaque tokens and API keys')]
  if (key.startsWith('pk_'))
    return [problem('CLERK_SECRET_KEY is a publishable key', 'use the secret key there, which begins with sk_')]
  if (environmentOf(key) === undefined)
    return [problem('CLERK_SECRET_KEY is not a secret key', `copy it again: ${KEY_PAGE}`)]
  return [ok(`CLERK_SECRET_KEY is a ${environmentOf(key)} key`)]
}

function environmentOf(key: string | undefined): 'test' | 'live' | undefined {
  const [, environment] = /^[ps]k_(test|live)_/.exec(key ?? '') ?? []
  return environment === 'test' || environment === 'live' ? environment : undefined
}
