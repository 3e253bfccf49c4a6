export const NO_DATABASE = 'it is not an SQLite database: use another path'
export const NOT_OURS = 'it is a database of another application: use another path'
export const DAMAGED = 'it is damaged: restore a backup, or delete it to start over'

/** The message is one line and says what to do. */
export function unusable(path: string, cause: unknown): TypeError {
  return new TypeError(`the data file ${path} cannot be used: ${reasonOf(cause)}`, { cause })
}

/** The error for a file whose contents are not what an instance wrote. */
export function damaged(path: string): TypeError {
  return unusable(path, new Error(DAMAGED))
}

/** The error for changes that could not be stored. */
export function unwritable(path: string, cause: unknown): Error {
  return new Error(`the data file ${path} cannot be written: ${reasonOf(cause)}`, { cause })
}

/** Whether the contents of the file are the cause, rather than a disk that is full or a missing permission. */
export function isDamage(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  if (cause.name === 'SQLite3Error') return !(cause.message in REASONS)
  return cause.message === DAMAGED || cause instanceof SyntaxError
}

function reasonOf(cause: unknown): string {
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
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would exceed the allowed file size',
  'disk I/O error': 'the disk is full or failing',
  'database or disk is full': 'the disk is full',
  'database is locked': 'another program has locked it',
  'unable to open database file': 'it or its log cannot be written',
  'attempt to write a readonly database': 'permission denied',
}
