import type { World } from '../state/world.js'
import { entriesFor, isBlocked } from './blocklist.js'
import { instanceSettingsOf } from './instance-settings.js'
import { isTestEmail } from './test-identifiers.js'

/** Well-known providers of disposable email addresses. */
const DISPOSABLE_DOMAINS: ReadonlySet<string> = new Set([
  '10minutemail.com',
  'getnada.com',
  'guerrillamail.com',
  'mailinator.com',
  'sharklasers.com',
  'temp-mail.org',
  'tempmail.com',
  'trashmail.com',
  'yopmail.com',
])

/**
 * The reason why an email address or phone number cannot sign up; `undefined` if it can.
 *
 * @param identifier in lower case
 */
export function restrictionOf(world: World, identifier: string): string | undefined {
  const { allowlist, block_email_subaddresses, block_disposable_email_domains } = instanceSettingsOf(world)
  const [localPart = '', domain = ''] = identifier.split('@')
  if (isBlocked(world, identifier)) return 'it is on the blocklist'
  if (allowlist && !isAllowed(world, identifier)) return 'it is not on the allowlist'
  // Test addresses have a subaddress.
  if (block_email_subaddresses && /[+=#]/.test(localPart) && !isTestEmail(identifier) && domain !== '')
    return 'it has a subaddress'
  if (block_disposable_email_domains && DISPOSABLE_DOMAINS.has(domain)) return 'its domain is disposable'
  return undefined
}

function isAllowed({ allowlist_identifiers }: World, identifier: string): boolean {
  return entriesFor(identifier).some((entry) => allowlist_identifiers.find('identifier', entry) !== undefined)
}
