/** The name of an organization in URLs and tokens, at most 256 characters long. */
export const SLUG = /^[a-z0-9][a-z0-9-]*$/

export const MAX_SLUG_LENGTH = 256

export function isSlug(text: string): boolean {
  return SLUG.test(text) && text.length <= MAX_SLUG_LENGTH
}

/** Derives a slug from a name, with room for a number suffix. */
export function slugOf(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return words.slice(0, MAX_SLUG_LENGTH - 8) || 'organization'
}
