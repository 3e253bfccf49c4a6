/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {readonly string[]} notes lines below the bars
 * @property {readonly { name: string, bars: readonly Bar[] }[]} groups
 *
 * @typedef {object} Bar
 * @property {string} label
 * @property {string} value as it is shown
 * @property {number} share length of the bar, relative to the others
 * @property {'bare' | 'ours' | 'other'} style
 */

const WIDTH = 760
const MARGIN = 20
const BAR_LEFT = 240
const BAR_WIDTH = 380
const ROW_HEIGHT = 24
const BAR_HEIGHT = 16
const GROUP_GAP = 40
const FIRST_GROUP = 66
const NOTE_HEIGHT = 20

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .group { font-weight: 600 }
    .note { font-size: 12px; fill: #59636e }
    .page { fill: #ffffff }
    .bare { fill: #afb8c1 }
    .ours { fill: #0969da }
    .other { fill: #6e7781 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .note { fill: #9198a1 }
      .page { fill: #0d1117 }
      .bare { fill: #4d5661 }
      .ours { fill: #4493f8 }
      .other { fill: #818b96 }
    }`

/**
 * A bar chart in SVG, for light and dark pages, whose figures are in its description too.
 *
 * @param {Chart} chart
 */
export function drawChart({ title, notes, groups }) {
  const described = groups.map(
    ({ name, bars }) => `${name}: ${bars.map(({ label, value }) => `${label} ${value}`).join('; ')}.`,
  )
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ share }) => share)))
  let y = FIRST_GROUP
  const drawn = groups.map((group) => {
    const top = y
    y += group.bars.length * ROW_HEIGHT + GROUP_GAP
    return drawGroup(group, top, BAR_WIDTH / longest)
  })
  const height = y + notes.length * NOTE_HEIGHT
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">${escape(title)}</title>
  <desc id="description">${escape([...described, ...notes].join(' '))}</desc>
  <style>${STYLE}
  </style>
  <rect class="page" width="100%" height="100%" rx="6"/>
  <text class="title" x="${MARGIN}" y="32">${escape(title)}</text>
${drawn.join('\n')}
${notes.map((note, i) => `  <text class="note" x="${MARGIN}" y="${y + i * NOTE_HEIGHT}">${escape(note)}</text>`).join('\n')}
</svg>
`
}

/**
 * @param {Chart['groups'][number]} group
 * @param {number} top
 * @param {number} scale
 */
function drawGroup({ name, bars }, top, scale) {
  const rows = bars.map(({ label, value, share, style }, i) => {
    const y = top + 10 + i * ROW_HEIGHT
    const width = Math.max(1, Math.round(share * scale))
    const textY = y + BAR_HEIGHT - 4
    return `  <text x="${MARGIN}" y="${textY}">${escape(label)}</text>
  <rect class="${style}" x="${BAR_LEFT}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>
  <text x="${BAR_LEFT + width + 8}" y="${textY}">${escape(value)}</text>`
  })
  return [`  <text class="group" x="${MARGIN}" y="${top}">${escape(name)}</text>`, ...rows].join('\n')
}

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
