import { availableParallelism, cpus, loadavg } from 'node:os'

/** @param {string} text what is being done, while it is being done; apart from the tables, which go to stdout */
export function progress(text) {
  process.stderr.write(`- ${text}\n`)
}

/**
 * @param {string} title
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} body
 */
export function printTable(title, head, body) {
  const widths = head.map((name, column) => Math.max(name.length, ...body.map((row) => row[column]?.length ?? 0)))
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  console.log(['', title, '', line(head), line(rule), ...body.map(line), ''].join('\n'))
}

/** @param {number} value microseconds */
export const micros = (value) => value.toFixed(value < 100 ? 2 : 0)

/** @param {number} value */
export const times = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ×`

/** @param {number} value 1 for 100 % */
export const percent = (value) => `${(value * 100).toFixed(0)} %`

/** The context of the figures that follow: date, machine and load. */
export function machineNow() {
  const processor = cpus()[0]?.model ?? 'an unknown processor'
  const [load = 0] = loadavg()
  return [
    new Date().toISOString().slice(0, 10),
    `Node ${process.versions.node}`,
    `${availableParallelism()} cores of ${processor}`,
    `load average ${load.toFixed(1)}`,
  ].join(', ')
}
