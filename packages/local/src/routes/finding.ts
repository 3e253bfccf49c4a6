import { escapeInvisible } from '../support/escape-invisible.js'

/** Something that keeps the check from succeeding. */
export interface Finding {
  /** `GET /orgs/:orgId/invoices` */
  readonly route: string
  /** begins with a stable phrase, such as `no guard` */
  readonly text: string
}

/** @returns one line, whatever the names of routes and people */
export function findingLine({ route, text }: Finding): string {
  return escapeInvisible(`${route}: ${text}`).replaceAll('\n', String.raw`\n`)
}

const MAX_NAMES = 3

/** The first of many names, and the number of the others. */
export function namesInWords(all: readonly string[]): string {
  const more = all.length - MAX_NAMES
  return all.slice(0, more === 1 ? MAX_NAMES + 1 : MAX_NAMES).join(', ') + (more > 1 ? ` and ${more} more` : '')
}
