/** An application with one mistake in its guards. */
export interface Mistake {
  /** What is wrong, as a sentence without a full stop. */
  readonly name: string
  readonly app: () => unknown
  /** The application when its snapshot was written, if only a comparison shows the mistake. */
  readonly before?: () => unknown
  /** What the check reports: the beginning of each line. */
  readonly finds: readonly (string | RegExp)[]
}

/** Whether a line of the check is an expected one. */
export function begins(line: string, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? line.startsWith(expected) : expected.test(line)
}
