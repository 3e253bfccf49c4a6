import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { boolean, integer, list, orNull, string, withDefault } from './schema.js'

/** The name of an organization in URLs and tokens, at most 256 characters long. */
export const SLUG = /^[a-z0-9][a-z0-9-]*$/

export const MAX_SLUG_LENGTH = 256

/** Derives a slug from a name, with room for a number suffix. */
export function slugOf(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return words.slice(0, MAX_SLUG_LENGTH - 8) || 'organization'
}

export function isSlug(text: string): boolean {
  return SLUG.test(text) && text.length <= MAX_SLUG_LENGTH
}

export const Organization = record('organization', 'org', {
  name: string({ min: 1, max: 256 }),
  slug: string({ max: MAX_SLUG_LENGTH, pattern: SLUG }),
  /** 0: unlimited */
  max_allowed_memberships: withDefault(integer({ min: 0 }), 0),
  admin_delete_enabled: withDefault(boolean(), true),
  public_metadata: withDefault(metadata(), {}),
  private_metadata: withDefault(metadata(), {}),
  created_by: orNull(string()),
  /** `null`: its members can have any role */
  role_set_id: orNull(string()),
  /** the image that was uploaded as its logo */
  image_id: orNull(string()),
  /** features of its plan, such as `invoices`, which tokens name */
  features: withDefault(list(string()), []),
  /** slug of its plan, which tokens name */
  plan: withDefault(string(), 'pro'),
})

export type Organization = Stored<typeof Organization>
