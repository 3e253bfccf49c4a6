/** Extracts the token from copied text: the token itself, after the word `Bearer`, or a whole header. */
export function bareToken(text: string): string {
  return text.trim().replace(/^(authorization: *)?bearer +/i, '')
}
