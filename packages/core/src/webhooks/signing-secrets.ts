import { Webhook } from 'standardwebhooks'
import { variable, type Environment } from '../config/environment.js'
import { checkFields, itemsOf } from '../support/declaration.js'

export interface WebhookOptions {
  /**
   * The signing secret of the endpoint, `whsec_…`, from the Clerk Dashboard. Events signed with any secret of a list are
   * accepted, to support rotation. Default: `CLERK_WEBHOOK_SIGNING_SECRET` in the environment, comma-separated.
   */
  readonly signingSecret?: string | readonly string[]
}

/**
 * The signing secrets, ready to verify.
 *
 * @throws {TypeError} if there is none, or one is malformed
 */
export function signingSecretsOf(options: WebhookOptions, environment: Environment): readonly Webhook[] {
  checkFields('option', options, { signingSecret: () => true })
  const given = options.signingSecret ?? variable(environment, 'CLERK_WEBHOOK_SIGNING_SECRET')?.split(',')
  const secrets = itemsOf(given ?? [])
  if (secrets.length === 0)
    throw new TypeError(
      'webhooks need the signing secret of the endpoint in the Clerk Dashboard: set CLERK_WEBHOOK_SIGNING_SECRET, or ' +
        'the option "signingSecret"',
    )
  return secrets.map((secret) => {
    if (typeof secret === 'string' && isSigningSecret(secret.trim())) return new Webhook(secret.trim())
    throw new TypeError(
      'option "signingSecret", or CLERK_WEBHOOK_SIGNING_SECRET, must be "whsec_" followed by at least 24 bytes in base64',
    )
  })
}

const PREFIX = 'whsec_'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** The least that Standard Webhooks allow. */
const MIN_BYTES = 24

function isSigningSecret(secret: string): boolean {
  const encoded = secret.slice(PREFIX.length)
  return secret.startsWith(PREFIX) && BASE64.test(encoded) && atob(encoded).length >= MIN_BYTES
}
