import { createHash } from 'node:crypto'

/**
 * An SVG image for a user or an organization without an image of its own: initials on a colour that depends on the id.
 * Contains no text but letters and digits, so a name cannot add markup.
 */
export function avatar(id: string, name: string): string {
  const hue = createHash('sha256').update(id).digest().readUInt16BE(0) % 360
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128">' +
    `<rect width="128" height="128" fill="hsl(${hue}, 55%, 35%)"/>` +
    '<text x="64" y="64" dy="0.35em" text-anchor="middle" font-family="sans-serif" font-size="56" fill="#fff">' +
    `${initials(name)}</text></svg>`
  )
}

/** The first letters or digits of the first and the last word. */
function initials(name: string): string {
  const letters = name
    .slice(0, 256)
    .split(/\s+/)
    .flatMap((word) => /[\p{L}\p{N}]/u.exec(word)?.[0].toUpperCase() ?? [])
  return letters.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')
}
