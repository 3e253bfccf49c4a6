import type { Finding } from './finding.js'

/** A finding that was looked at and accepted. */
export interface Accepted {
  /** `GET /orgs/:orgId/invoices` */
  readonly route: string
  /** where it was accepted, such as `allow.txt:3` */
  readonly place: string
}

/**
 * Reads accepted findings: `METHOD /path  reason`, one a line. Empty lines, and lines that start with `#`, are ignored.
 *
 * @throws {TypeError} with one line that starts with file and line
 */
export function readAllowFile(text: string, path: string): readonly Accepted[] {
  return text.split(/\r?\n/).flatMap((entry, i) => {
    if (entry.trim() === '' || entry.startsWith('#')) return []
    const [, method, pattern, reason] = /^([A-Z]+)\s+(\S+)\s*(.*)$/.exec(entry) ?? []
    if (method === undefined || pattern === undefined)
      throw new TypeError(`${path}:${i + 1}: an accepted finding is "METHOD /path  reason"`)
    if (!reason?.trim()) throw new TypeError(`${path}:${i + 1}: say why this is accepted, after the path`)
    return [{ route: `${method} ${pattern}`, place: `${path}:${i + 1}` }]
  })
}

/** Without the accepted findings, and with entries that accept nothing. */
export function withoutAccepted(findings: readonly Finding[], accepted: readonly Accepted[]): readonly Finding[] {
  const routes = new Set(accepted.map(({ route }) => route))
  const found = new Set(findings.map(({ route }) => route))
  return [
    ...findings.filter(({ route }) => !routes.has(route)),
    ...accepted
      .filter(({ route }) => !found.has(route))
      .map(({ route, place }) => ({ route, text: `nothing to accept any more: remove it from ${place}` })),
  ]
}
