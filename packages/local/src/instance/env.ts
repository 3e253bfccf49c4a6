import type { Machine } from '../model/machine.js'
import { publishableKeyOf } from '../tokens/publishable-key.js'
import type { Identity } from './identity.js'

/** Environment variables that point an API at the instance, with the names that Clerk's own SDK uses. */
export interface LocalEnv {
  readonly CLERK_SECRET_KEY: string
  readonly CLERK_PUBLISHABLE_KEY: string
  readonly CLERK_FAPI: string
  readonly CLERK_API_URL: string
  /** of the API's machine: `api` in the seed, otherwise the first that another may call, otherwise the first */
  readonly CLERK_MACHINE_SECRET_KEY: string
  readonly CLERK_MACHINE_ID: string
  /** `whsec_…`, signs all webhooks of the instance */
  readonly CLERK_WEBHOOK_SIGNING_SECRET: string
}

/** @param url the instance's own */
export function envOf(identity: Identity, receiver: Machine, url: string): LocalEnv {
  return {
    CLERK_SECRET_KEY: identity.secretKey,
    CLERK_PUBLISHABLE_KEY: publishableKeyOf(new URL(url).host),
    CLERK_FAPI: url,
    CLERK_API_URL: url,
    CLERK_MACHINE_SECRET_KEY: receiver.secret_key,
    CLERK_MACHINE_ID: receiver.id,
    CLERK_WEBHOOK_SIGNING_SECRET: identity.webhookSecret,
  }
}
