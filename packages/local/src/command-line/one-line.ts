import { escapeInvisible } from '../support/escape-invisible.js'

/** A name from a seed or the Backend API must neither control the terminal nor look like a separate line to copy. */
export function inOneLine(text: string): string {
  return escapeInvisible(text).replaceAll('\n', String.raw`\n`)
}
