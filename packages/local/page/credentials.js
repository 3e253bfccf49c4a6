import { announce } from './announce.js'
import { post } from './ask.js'
import { instanceNow } from './clock.js'
import { element } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'
import { briefly } from './text.js'
import { timeNear } from './time.js'

/** @typedef {import('../src/control/directory-view.js').TokenView} TokenView */
/** @typedef {import('../src/control/directory-view.js').SessionView} SessionView */
/**
 * @template T
 * @typedef {import('../src/control/directory-view.js').FirstOf<T>} FirstOf
 */

/**
 * Existing credentials: opaque tokens and API keys, which can be revoked, and live sessions.
 *
 * @typedef {object} Credentials
 * @property {FirstOf<TokenView>} tokens
 * @property {FirstOf<SessionView>} [sessions]
 */

/** @type {Readonly<Record<TokenView['kind'], string>>} */
const KINDS = { m2m_token: 'M2M token', oauth_token: 'OAuth token', api_key: 'API key' }

/**
 * @param {string} owner
 * @param {{ readonly hasSessions: boolean, readonly onRevoked: () => void }} options
 */
export function credentialList(owner, { hasSessions, onRevoked }) {
  const name = briefly(owner)
  const summary = element('summary')
  const tokens = table(`Opaque tokens and API keys of ${name}`, ['Kind', 'State', 'Expires', 'Created', 'Id'])
  const sessions = table(`Live sessions of ${name}`, ['Organization', 'State', 'Ends', 'Started', 'Id'])
  const details = element('details', {}, summary, tokens.element, hasSessions && sessions.element)
  const none = element(
    'p',
    { class: 'none' },
    hasSessions ? 'No opaque tokens, API keys or live sessions' : 'No opaque tokens or API keys',
  )
  const showTokens = keyedList(
    tokens.body,
    ({ id }) => id,
    (/** @type {TokenView} */ token) => tokenRow(token, onRevoked),
  )
  const showSessions = keyedList(sessions.body, ({ id }) => id, sessionRow)

  return {
    element: element('div', { class: 'credentials' }, none, details),
    /** @param {Credentials} all */
    update({ tokens: ofTokens, sessions: ofSessions = { total: 0, first: [] } }) {
      const counts = [
        ofTokens.total > 0 && `Tokens and keys: ${ofTokens.total.toLocaleString('en')}`,
        ofSessions.total > 0 && `Live sessions: ${ofSessions.total.toLocaleString('en')}`,
      ].filter((text) => text !== false)
      none.hidden = counts.length > 0
      details.hidden = counts.length === 0
      summary.replaceChildren(counts.join(' · '), element('span', { class: 'unseen' }, ` of ${name}`))
      tokens.show(ofTokens.total, ofTokens.first.length)
      sessions.show(ofSessions.total, ofSessions.first.length)
      showTokens(ofTokens.first)
      showSessions(ofSessions.first)
    },
  }
}

/**
 * @param {string} title
 * @param {readonly string[]} columns
 */
function table(title, columns) {
  const body = element('tbody')
  const more = element('p', { class: 'none' })
  const region = element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': title },
    element(
      'table',
      {},
      element('caption', {}, title),
      element('thead', {}, element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column)))),
      body,
    ),
  )
  const whole = element('div', {}, region, more)
  return {
    element: whole,
    body,
    /** @param {number} total @param {number} shownCount */
    show(total, shownCount) {
      whole.hidden = total === 0
      more.hidden = total === shownCount
      more.textContent = `The newest ${shownCount} of ${total.toLocaleString('en')}`
    },
  }
}

/**
 * @param {TokenView} first
 * @param {() => void} onRevoked
 */
function tokenRow(first, onRevoked) {
  const { id, kind, createdAt } = first
  const expires = element('td')
  const state = element('td', { tabindex: -1 })
  const revoke = pressedOnce(
    element('button', { type: 'button', class: 'quiet', 'aria-label': `Revoke ${KINDS[kind]} ${id}` }, 'Revoke'),
    async () => {
      const outcome = await post('/_local/revoke', { token: id, reason: 'by hand' })
      if (!outcome.ok) return announce(outcome.problem)
      showState('revoked')
      state.focus()
      announce(`Revoked: ${KINDS[kind]} ${id}`)
      onRevoked()
    },
  )
  const row = element(
    'tr',
    {},
    element('th', { scope: 'row' }, KINDS[kind]),
    state,
    expires,
    element('td', {}, timeNear(createdAt, instanceNow())),
    element('td', {}, element('code', {}, id)),
  )

  /** @param {TokenView['state']} now */
  function showState(now) {
    if (now === 'active') state.replaceChildren(revoke)
    else state.replaceChildren(now)
  }

  /** @param {TokenView} token */
  function update(token) {
    expires.textContent = token.expiresAt === null ? 'never' : timeNear(token.expiresAt, instanceNow())
    showState(token.state)
    row.classList.toggle('is-over', token.state !== 'active')
  }

  update(first)
  return { element: row, update }
}

/** @param {SessionView} first */
function sessionRow(first) {
  const row = element('tr')

  /** @param {SessionView} session */
  function update({ organization, id, createdAt, expiresAt, status, isImpersonated }) {
    row.replaceChildren(
      element('th', { scope: 'row' }, organization === null ? 'none' : briefly(organization)),
      element('td', {}, isImpersonated ? `${status}, impersonated` : status),
      element('td', {}, timeNear(expiresAt, instanceNow())),
      element('td', {}, timeNear(createdAt, instanceNow())),
      element('td', {}, element('code', {}, id)),
    )
  }

  update(first)
  return { element: row, update }
}
