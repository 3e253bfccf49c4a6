export const NO_DATABASE = 'it is no SQLite database: give another path'
export const NOT_OURS = 'it is a database of something else: give another path'
export const DAMAGED = 'it is damaged: restore a copy, or delete it to begin anew'

/** In one line, with what to do. */
export function unusable(path: string, cause: unknown): TypeError {
  return new TypeError(`the data file ${path} cannot be used: ${reasonOf(cause)}`, { cause })
}

export function isOfSqlite(error: unknown): boolean {
  return error instanceof Error && error.name === 'SQLite3Error'
}

export function reasonOf(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return REASONS[code || message] ?? message
}

/** By the code of the system, or the words of SQLite. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'it is not allowed to you',
  EROFS: 'it cannot be written to',
  'file is not a database': NO_DATABASE,
  'database disk image is malformed': DAMAGED,
  'disk I/O error': 'the disk is full, or fails',
  'database or disk is full': 'the disk is full',
}
