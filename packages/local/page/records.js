import { get } from './ask.js'
import { copy } from './clipboard.js'
import { isConnected } from './connection.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'
import { repeatWhileVisible } from './repeat.js'
import { briefly, counted, escapeInvisible, shown } from './text.js'

/** @typedef {Readonly<Record<string, unknown>> & { readonly id: string }} StoredRecord */
/** @typedef {{ readonly kind: string, readonly total: number }} Kind */
/**
 * @typedef {object} Records
 * @property {number} total
 * @property {readonly StoredRecord[]} records
 * @property {Readonly<Record<string, string>>} names of the users, organizations and machines that they refer to
 */
/** @typedef {{ readonly record: StoredRecord, readonly name: string, readonly image: string | undefined }} Item */

const PATH = '/_local/records'
const PAUSE_IN_MS = 5000
const PAGE = 20
const MAX_SHOWN = 100
const TYPING_PAUSE_IN_MS = 250

/** Kinds that are chosen together. All others come last. */
const GROUPS = /** @type {const} */ ([
  ['People', /^(users|email_addresses|phone_numbers|web3_wallets|passkeys|external_accounts|images)$/],
  ['Organizations', /^(organizations|organization_|memberships|permissions|role)/],
  ['Sessions and tokens', /^(clients|sessions|sign_in_tokens|actor_tokens|api_keys|m2m_|oauth_|machines|jwt_)/],
  ['Sign-up', /^(sign_ups|invitations|allowlist|blocklist|waitlist)/],
  ['Messages', /^(templates|emails|sms_)/],
  ['Billing', /^(plans|subscription|statements|payment)/],
  ['Instance', /./],
])

/** Starts the list of the stored records of a chosen kind, newest first. Returns a function that refreshes it. */
export function startRecords() {
  const kind = part('records-kind', HTMLSelectElement)
  const search = part('records-search', HTMLInputElement)
  const count = part('records-count', HTMLElement)
  const more = part('records-more', HTMLButtonElement)
  const list = part('records-list', HTMLElement)
  const show = keyedList(list, ({ record }) => record.id, recordItem)
  let limit = PAGE

  const ask = repeatWhileVisible(
    async () => {
      if (!isConnected()) return
      await showKinds(kind)
      const chosen = kind.value
      if (chosen === '') return
      const query = `limit=${limit}&q=${encodeURIComponent(search.value.trim())}`
      const outcome = await /** @type {typeof get<Records>} */ (get)(`${PATH}/${chosen}?${query}`)
      if (!outcome.ok) {
        count.textContent = outcome.problem
        return
      }
      const { total, records, names } = outcome.value
      show(records.map((record) => ({ record, name: nameOf(record, names), image: imageOf(chosen, record) })))
      more.hidden = records.length >= Math.min(total, MAX_SHOWN)
      const words = wordsOf(total, records.length)
      // Only if it changed, because screen readers announce it.
      if (count.textContent !== words) count.textContent = words
    },
    () => PAUSE_IN_MS,
  )

  function askAnew() {
    limit = PAGE
    void ask()
  }

  kind.addEventListener('change', askAnew)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing
  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(askAnew, TYPING_PAUSE_IN_MS)
  })
  part('records-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    askAnew()
  })
  pressedOnce(more, async () => {
    const firstNew = list.childElementCount
    limit = Math.min(limit + PAGE, MAX_SHOWN)
    await ask()
    // The pressed button may be hidden now.
    list.children[firstNew]?.querySelector('summary')?.focus()
  })
  return () => void ask()
}

/** @param {number} total @param {number} first */
function wordsOf(total, first) {
  if (total === 0) return 'No records.'
  if (total === first) return counted(total, 'record')
  const rest = first < MAX_SHOWN ? '' : ' Filter to see others.'
  return `The newest ${first} of ${total.toLocaleString('en')}.${rest}`
}

/** @param {HTMLSelectElement} select */
async function showKinds(select) {
  const outcome = await /** @type {typeof get<{ readonly kinds: readonly Kind[] }>} */ (get)(PATH)
  if (!outcome.ok) return
  const { kinds } = outcome.value
  if (select.length === 0) {
    select.append(...groupsOf(kinds))
    select.value = 'users'
  }
  for (const option of select.options) {
    const total = kinds.find(({ kind }) => kind === option.value)?.total ?? 0
    const words = `${titleOf(option.value)} (${total.toLocaleString('en')})`
    // Only if it changed, because an open list would close.
    if (option.textContent !== words) option.textContent = words
  }
}

/** @param {readonly Kind[]} kinds */
function groupsOf(kinds) {
  const groupOf = (/** @type {string} */ kind) => GROUPS.find(([, pattern]) => pattern.test(kind))?.[0]
  return GROUPS.map(([label]) => {
    const members = kinds.filter(({ kind }) => groupOf(kind) === label)
    return element('optgroup', { label }, ...members.map(({ kind }) => element('option', { value: kind })))
  })
}

/**
 * `OAuth tokens` for `oauth_tokens`.
 *
 * @param {string} kind
 */
function titleOf(kind) {
  const words = kind
    .replaceAll('_', ' ')
    .replace(/\b(api|jwt|m2m|saml|sms|url)/g, (word) => word.toUpperCase())
    .replace('oauth', 'OAuth')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** @param {Item} first */
function recordItem(first) {
  let { record } = first
  const title = element('b')
  const picture = element('img', { alt: '', width: 20, height: 20, loading: 'lazy', src: first.image })
  const json = element('pre', { tabindex: 0, role: 'region' })
  const copyId = pressedOnce(element('button', { type: 'button', class: 'quiet' }, 'Copy'), () =>
    copy(record.id, `id of ${title.textContent}`),
  )
  const details = element(
    'details',
    { class: 'record', toggle: showJson },
    element('summary', {}, first.image !== undefined && picture, title),
    element('p', { class: 'id' }, element('code', {}, shown(record.id)), copyId),
    json,
  )

  /** Only of an open record, because it may be large. */
  function showJson() {
    json.textContent = details.open ? escapeInvisible(JSON.stringify(record, null, 2)) : ''
  }

  /** @param {Item} item */
  function update(item) {
    record = item.record
    title.textContent = item.name
    json.setAttribute('aria-label', `Record ${record.id}`)
    copyId.setAttribute('aria-label', `Copy the id ${record.id}`)
    if (item.image !== undefined && picture.getAttribute('src') !== item.image) picture.src = item.image
    showJson()
  }

  update(first)
  return { element: element('li', {}, details), update }
}

/** What a record is called, if it has one of these. */
const NAMES = [
  'local_name',
  'slug',
  'name',
  'key',
  'email_address',
  'phone_number',
  'web3_wallet',
  'to_email_address',
  'to_phone_number',
  'identifier',
  'url',
  'kid',
]

/**
 * Its own name, or the names of what it refers to.
 *
 * @param {StoredRecord} record
 * @param {Readonly<Record<string, string>>} names
 */
function nameOf(record, names) {
  const name = NAMES.map((field) => record[field]).find((value) => typeof value === 'string' && value !== '')
  if (typeof name === 'string') return briefly(name)
  const others = Object.values(record).flatMap((value) => {
    const known = typeof value === 'string' && Object.hasOwn(names, value) ? names[value] : undefined
    return known === undefined ? [] : [briefly(known)]
  })
  const about = [...new Set(others), ...['role', 'status'].map((field) => record[field])]
  return about.filter((word) => typeof word === 'string').join(' · ') || shown(record.id)
}

/**
 * @param {string} kind
 * @param {StoredRecord} record
 */
function imageOf(kind, { id, image_id: uploaded }) {
  if (kind === 'images') return `/images/${id}`
  if (kind !== 'users' && kind !== 'organizations') return undefined
  return `/images/${typeof uploaded === 'string' ? uploaded : id}`
}
