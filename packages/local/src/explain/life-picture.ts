import type { TokenLife } from './token-life.js'

const WIDTH = 60

/**
 * Draws the lifetime of a token as a line from left to right: thick for the past, thin for the rest. If `now` is far
 * outside, the line is broken.
 *
 * @returns lines; none for a token without start or expiry
 */
export function lifePicture({ issuedAt, notBefore, expiresAt, now }: TokenLife): readonly string[] {
  const start = issuedAt ?? notBefore
  if (expiresAt === null || start === null || expiresAt <= start) return []
  const marks = [
    ...(notBefore === null ? [] : [{ label: 'not before', time: notBefore, sign: '┼' }]),
    ...(issuedAt === null ? [] : [{ label: 'issued', time: issuedAt, sign: '┼' }]),
    { label: 'expires', time: expiresAt, sign: '┼' },
  ]
  const life = expiresAt - start
  const nearNow = Math.min(Math.max(now, start - life / 2), expiresAt + life / 2)
  const times = [...marks.map(({ time }) => time), nearNow]
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const columnOf = (time: number) => Math.round(((time - first) / (last - first)) * (WIDTH - 1))

  const line = Array.from<unknown, string>({ length: WIDTH }, (_, column) => {
    const isInLife = column >= columnOf(start) && column <= columnOf(expiresAt)
    return isInLife ? (column <= columnOf(nearNow) ? '━' : '─') : '·'
  })
  for (const { time, sign } of marks) line[columnOf(time)] = sign
  if (nearNow > now) line[columnOf(nearNow) + 2] = '…'
  if (nearNow < now) line[columnOf(nearNow) - 2] = '…'
  line[columnOf(nearNow)] = '●'

  const labels = [...marks, { label: 'now', time: nearNow }].map(({ label, time }) => ({
    label,
    column: columnOf(time),
  }))
  return [line.join(''), ...labelRows(labels)]
}

interface Label {
  readonly label: string
  readonly column: number
}

/** Places each label under its mark, in as many rows as necessary. */
function labelRows(labels: readonly Label[]): readonly string[] {
  const rows: string[] = []
  for (const { label, column } of [...labels].sort((one, other) => one.column - other.column)) {
    const indent = Math.min(column, WIDTH - label.length)
    const isFree = (row: string) => row.length < indent || row.length === 0
    const free = rows.findIndex(isFree)
    const row = free === -1 ? rows.length : free
    rows[row] = (rows[row] ?? '').padEnd(indent) + label
  }
  return rows
}
