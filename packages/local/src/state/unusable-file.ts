export const NO_DATABASE = 'it is not an SQLite database: use another path'
export const NOT_OURS = 'it is a database of another application: use another path'
export const DAMAGED = 'it is damaged: restore a backup, or delete it to start over'

/** The message is one line and says what to do. */
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

/** By system error code, or by SQLite's message. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'no such directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  'file is not a database': NO_DATABASE,
  'database disk image is malformed': DAMAGED,
  'disk I/O error': 'the disk is full or failing',
  'database or disk is full': 'the disk is full',
}
