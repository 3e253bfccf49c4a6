import { element } from './element.js'
import { lifeLine } from './life-line.js'
import { shown, escapeInvisible } from './text.js'
import { isTime, moment, timeNear, timestamp } from './time.js'

/** @typedef {import('../src/control/explain-api.js').ExplanationView} ExplanationView */
/** @typedef {ExplanationView['verdict']} Verdict */
/** @typedef {readonly [name: string, value: unknown, meaning: string]} Row */

/** The maximum length of a displayed claim. */
const MAX_VALUE = 2000

const MAX_LINE = 40

/** The meaning of the claims and header parameters of Clerk's tokens. */
const MEANINGS = new Map([
  ['aud', 'audience'],
  ['act', 'who impersonates the user'],
  ['alg', 'algorithm of the signature'],
  ['azp', 'origin that the session was used from'],
  ['cat', 'kind of token'],
  ['client_id', 'OAuth client'],
  ['fea', 'features'],
  ['fva', 'minutes since the first and the second factor; -1: never'],
  ['iss', 'issuer'],
  ['jti', 'id of the token'],
  ['kid', 'key that signed it'],
  ['o', 'active organization'],
  ['org_id', 'active organization'],
  ['org_role', 'role in the organization'],
  ['pla', 'plan'],
  ['scope', 'granted scopes'],
  ['scopes', 'machines that it may call'],
  ['sid', 'session'],
  ['sts', 'status of the session'],
  ['sub', 'subject'],
  ['typ', 'type of token'],
  ['v', 'version of the claims'],
])

const TIMES = new Map([
  ['iat', 'issued'],
  ['nbf', 'not before'],
  ['exp', 'expires'],
])

/** @param {ExplanationView} explanation */
export function explanationParts({ title, header, claims, record, life, state, verdict }) {
  const now = life?.now ?? Date.now()
  // A JWT without expiry is invalid and has no lifetime: only opaque tokens may never expire.
  const hasLifetime = life !== null && state !== null && (record !== null || life.expiresAt !== null)
  return [
    element('h3', {}, title),
    verdictBox(verdict),
    ...(hasLifetime ? [element('p', { class: 'state' }, escapeInvisible(state)), lifeLine(life)] : []),
    ...(claims ? [memberTable(claimsTitle(verdict), rowsOf(claims, now))] : []),
    ...(record?.known ? [memberTable('Record of the instance', rowsOfRecord(record))] : []),
    ...(header ? [memberTable('Header', rowsOf(header, now))] : []),
  ].filter((part) => part !== null)
}

/** @param {Verdict} verdict */
export function verdictTitle(verdict) {
  if (verdict.outcome === 'accepted') return 'Accepted'
  if (verdict.outcome === 'undecided') return 'Unknown'
  return `Refused: ${verdict.status} ${verdict.code}`
}

/** @param {Verdict} verdict */
function verdictBox(verdict) {
  const look = { accepted: 'good', refused: 'bad', undecided: 'warning' }[verdict.outcome]
  const title = element('p', { class: 'verdict-title' }, element('b', {}, verdictTitle(verdict)))
  if (verdict.outcome === 'accepted') {
    const text = element('p', {}, 'An API with these options accepts it.')
    return element('div', { class: `verdict ${look}` }, title, text)
  }
  return element(
    'div',
    { class: `verdict ${look}` },
    title,
    element(
      'dl',
      {},
      element('dt', {}, 'Why'),
      element('dd', {}, shown(sentence(verdict.because), 600)),
      element('dt', {}, 'What to do'),
      element('dd', {}, shown(verdict.remedy, 600)),
    ),
  )
}

/** @param {string} words */
function sentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

/** @param {Verdict} verdict */
function claimsTitle(verdict) {
  const isVerified =
    verdict.outcome === 'accepted' || (verdict.outcome === 'refused' && verdict.signature === 'verified')
  return isVerified ? 'Claims' : 'Claims (not verified)'
}

/**
 * @param {Extract<ExplanationView['record'], { known: true }>} record
 * @returns {readonly Row[]}
 */
function rowsOfRecord(record) {
  const { now, createdAt, expiresAt, claims, audience, revoked, revocationReason } = record
  return [
    ['id', record.id, ''],
    ['subject', record.subject, ''],
    ['scopes', record.scopes, ''],
    ...(claims === null ? [] : [/** @type {Row} */ (['claims', claims, ''])]),
    ...(audience === null ? [] : [/** @type {Row} */ (['audience', audience, ''])]),
    ['created', timestamp(createdAt), moment(createdAt, now)],
    expiresAt === null ? ['expires', 'never', ''] : ['expires', timestamp(expiresAt), moment(expiresAt, now)],
    ['revoked', revoked, revocationReason === null ? '' : shown(revocationReason)],
  ]
}

/**
 * @param {Readonly<Record<string, unknown>>} members
 * @param {number} now milliseconds since the epoch
 * @returns {readonly Row[]}
 */
function rowsOf(members, now) {
  return Object.entries(members).map(([name, value]) => [name, value, meaningOf(name, value, now)])
}

/**
 * @param {string} title
 * @param {readonly Row[]} rows
 */
function memberTable(title, rows) {
  const columns = ['Name', 'Value', 'Meaning'].map((name) => element('th', { scope: 'col' }, name))
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': title },
    element(
      'table',
      { class: 'members' },
      element('caption', {}, title),
      element('thead', {}, element('tr', {}, ...columns)),
      element(
        'tbody',
        {},
        ...rows.map(([name, value, meaning]) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, element('code', {}, shown(name, 60))),
            element('td', {}, element('code', {}, shown(textOf(value), MAX_VALUE))),
            element('td', {}, meaning),
          ),
        ),
      ),
    ),
  )
}

/** @param {unknown} value */
function textOf(value) {
  if (typeof value === 'string') return value
  const inOneLine = JSON.stringify(value)
  return inOneLine.length <= MAX_LINE ? inOneLine : JSON.stringify(value, null, 1)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} now milliseconds since the epoch
 */
function meaningOf(name, value, now) {
  const time = TIMES.get(name)
  if (time === undefined || typeof value !== 'number') return MEANINGS.get(name) ?? ''
  const at = value * 1000
  return isTime(at) ? `${time} ${timeNear(at, now)}, ${moment(at, now)}` : `${time}, out of range`
}
