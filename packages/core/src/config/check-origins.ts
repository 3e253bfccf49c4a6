/**
 * Checks a list of origins as browsers send them (RFC 6454 section 6.2): anything else would never match. Returns
 * `true`, or what is wrong with it.
 */
export function checkOrigins(origins: readonly unknown[]): true | string {
  if (origins.includes('null')) return 'must not contain "null": it is the origin of every sandboxed page'
  if (origins.every(isOrigin)) return true
  return 'must be origins as a browser sends them, such as "https://app.example.com", without a trailing slash'
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string') return false
  // Not `URL.origin` alone: it is "null" for "chrome-extension://id" and for custom app schemes.
  if (!/^https?:/i.test(value)) return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(value)
  return !value.includes('*') && URL.canParse(value) && new URL(value).origin === value
}
