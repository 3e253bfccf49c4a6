import { svgElement } from './element.js'
import { moment, timestamp } from './time.js'

/** @typedef {import('../src/explain/token-life.js').TokenLife} TokenLife */
/**
 * @typedef {object} Mark
 * @property {string} label
 * @property {number} time milliseconds since the epoch
 * @property {'now' | 'point' | 'open'} kind
 */

const LINE_Y = 12
const FIRST_ROW_Y = 36
const ROW_HEIGHT = 16

/** The width of a letter on a narrow screen, in percent. */
const LETTER = 2.1

/** The margin at either end, in percent. */
const MARGIN = 2

/**
 * Draws the lifetime of a token from left to right: thick for the past, thin for the rest. If `now` is far outside, the
 * line is broken.
 *
 * @param {TokenLife} life
 * @returns {SVGElement | null} `null`: no start, or it ends before it starts
 */
export function lifeLine(life) {
  const { issuedAt, notBefore, expiresAt, now } = life
  const start = issuedAt ?? notBefore
  if (start === null || (expiresAt !== null && expiresAt <= start)) return null
  const end = expiresAt ?? Math.max(now, start) + Math.max(Math.abs(now - start), 1000)
  const nearNow = Math.min(Math.max(now, start - (end - start) / 2), end + (end - start) / 2)
  const marks = marksOf(life, nearNow, end)
  const times = marks.map(({ time }) => time)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const percent = (/** @type {number} */ time) => MARGIN + ((time - first) / (last - first)) * (100 - 2 * MARGIN)
  const line = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ look) =>
    from < to &&
    svgElement('line', { x1: `${percent(from)}%`, x2: `${percent(to)}%`, y1: LINE_Y, y2: LINE_Y, class: look })

  const labels = inRows(marks.map((mark) => ({ ...mark, x: percent(mark.time) })))
  const rows = Math.max(...labels.map(({ row }) => row)) + 1
  return svgElement(
    'svg',
    {
      class: 'life',
      role: 'img',
      width: '100%',
      height: FIRST_ROW_Y + rows * ROW_HEIGHT - 8,
      'aria-label': textAlternative(life),
    },
    line(first, last, nearNow === now ? 'line-outside' : 'line-outside is-broken'),
    line(start, end, 'line-left'),
    line(start, Math.min(nearNow, end), 'line-passed'),
    ...labels.map(({ x, y }) =>
      svgElement('line', { x1: `${x}%`, x2: `${x}%`, y1: LINE_Y + 8, y2: y - 11, class: 'lead' }),
    ),
    ...labels.flatMap(({ kind, label, x, y, anchor }) => [
      sign(kind, x),
      svgElement('text', { x: `${x}%`, y, 'text-anchor': anchor, class: `of-${kind}` }, label),
    ]),
  )
}

/**
 * @param {Mark['kind']} kind
 * @param {number} x percent
 */
function sign(kind, x) {
  if (kind === 'now') return svgElement('circle', { cx: `${x}%`, cy: LINE_Y, r: 6 })
  if (kind === 'open') return null
  return svgElement('line', { x1: `${x}%`, x2: `${x}%`, y1: LINE_Y - 7, y2: LINE_Y + 7, class: 'point' })
}

/**
 * @param {TokenLife} life
 * @param {number} nearNow
 * @param {number} end
 * @returns {readonly Mark[]}
 */
function marksOf({ issuedAt, notBefore, expiresAt }, nearNow, end) {
  /** @type {readonly (readonly [string, number | null])[]} */
  const points = [
    ['not before', notBefore],
    ['issued', issuedAt],
    ['expires', expiresAt],
  ]
  return [
    ...points.flatMap(([label, time]) =>
      time === null ? [] : [{ label, time, kind: /** @type {const} */ ('point') }],
    ),
    ...(expiresAt === null ? [{ label: 'never expires', time: end, kind: /** @type {const} */ ('open') }] : []),
    { label: 'now', time: nearNow, kind: 'now' },
  ]
}

/**
 * Places each label under its mark, in as many rows as necessary.
 *
 * @param {readonly (Mark & { readonly x: number })[]} marks
 */
function inRows(marks) {
  /** @type {number[]} the occupied width of each row, in percent */
  const taken = []
  return marks
    .toSorted((one, other) => one.x - other.x)
    .map((mark) => {
      const width = mark.label.length * LETTER
      const anchor = mark.x < width / 2 ? 'start' : mark.x > 100 - width / 2 ? 'end' : 'middle'
      const left = mark.x - { start: 0, middle: width / 2, end: width }[anchor]
      const free = taken.findIndex((end) => end < left)
      const row = free === -1 ? taken.length : free
      taken[row] = left + width + 2
      return { ...mark, anchor, row, y: FIRST_ROW_Y + row * ROW_HEIGHT }
    })
}

/**
 * The text alternative of the drawing.
 *
 * @param {TokenLife} life
 */
function textAlternative({ issuedAt, notBefore, expiresAt, now }) {
  const describe = (/** @type {string} */ label, /** @type {number | null} */ time) =>
    time === null ? [] : [`${label} ${timestamp(time)}, ${moment(time, now)}`]
  const parts = [
    ...describe('not before', notBefore),
    ...describe('issued', issuedAt),
    `now ${timestamp(now)}`,
    ...(expiresAt === null ? ['never expires'] : describe('expires', expiresAt)),
  ]
  return `Timeline: ${parts.join('; ')}.`
}
