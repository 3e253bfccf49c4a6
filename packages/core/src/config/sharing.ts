import type { Sharing, SharingInstance } from '../fleet/sharing.js'
import { ioEndsWithRequest } from '../support/io-ends-with-request.js'
import type { Settings } from './settings.js'

/**
 * Connects an instance to the shared store in its options.
 *
 * @throws {TypeError} on Workers, if the issuer is unknown, or if the secret of the store is missing or too short
 */
export function sharingOf(
  { options, claimRules }: Settings,
  instance: Omit<SharingInstance, 'issuer'>,
): Sharing | undefined {
  if (!options.shared) return undefined
  if (ioEndsWithRequest())
    throw new TypeError(
      'option "shared" needs a long-running process: Workers close connections and end timers with the request that ' +
        'started them',
    )
  const { issuers } = claimRules
  if (!issuers)
    throw new TypeError(
      'option "shared" needs to know the issuer, whose tokens are shared: set CLERK_PUBLISHABLE_KEY, or one of the ' +
        'options "publishableKey", "frontendApiUrl" and "issuer"',
    )
  return options.shared.connect({ ...instance, issuer: issuers.join(' ') })
}
