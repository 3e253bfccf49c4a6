/** The token in what somebody copied: itself, behind the word `Bearer`, or a whole header. */
export function bareToken(text: string): string {
  return text.trim().replace(/^(authorization: *)?bearer +/i, '')
}
