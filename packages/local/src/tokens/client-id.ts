/**
 * Whether the id of a client is the URL of its metadata document: `https`, with a path, and written as URLs are
 * (draft-ietf-oauth-client-id-metadata-document).
 */
export function isDocumentUrl(id: string): boolean {
  if (!id.startsWith('https://') || id.length > 1024 || !URL.canParse(id)) return false
  const { href, pathname, username, password, hash } = new URL(id)
  return href === id && pathname !== '/' && [username, password, hash].every((part) => part === '')
}
