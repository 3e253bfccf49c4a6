import { get } from './ask.js'
import { isConnected } from './connection.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'
import { repeatWhileVisible } from './repeat.js'
import { briefly, counted, shown } from './text.js'

/** @typedef {Readonly<Record<string, unknown>> & { readonly id: string }} StoredRecord */
/** @typedef {{ readonly kind: string, readonly total: number }} Kind */

const PATH = '/_local/records'
const PAUSE_IN_MS = 5000
const PAGE = 20
const MAX_SHOWN = 100
const TYPING_PAUSE_IN_MS = 250

/** What a record is called in the list, if it has one of these. */
const NAMES = ['name', 'local_name', 'slug', 'email_address', 'identifier', 'key', 'url', 'phone_number', 'subject']

/** Shows the stored records of a chosen kind, newest first. */
export function startRecords() {
  const kind = part('records-kind', HTMLSelectElement)
  const search = part('records-search', HTMLInputElement)
  const count = part('records-count', HTMLElement)
  const more = part('records-more', HTMLButtonElement)
  const show = keyedList(part('records-list', HTMLElement), ({ id }) => id, recordItem)
  let limit = PAGE

  const ask = repeatWhileVisible(
    async () => {
      if (!isConnected()) return
      await showKinds(kind)
      const query = `limit=${limit}&q=${encodeURIComponent(search.value.trim())}`
      const outcome =
        await /** @type {typeof get<{ readonly total: number, readonly records: readonly StoredRecord[] }>} */ (get)(
          `${PATH}/${kind.value}?${query}`,
        )
      if (!outcome.ok) {
        count.textContent = outcome.problem
        return
      }
      const { total, records } = outcome.value
      show(records)
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
    limit = Math.min(limit + PAGE, MAX_SHOWN)
    await ask()
  })
}

/** @param {number} total @param {number} first */
function wordsOf(total, first) {
  if (total === 0) return 'No records.'
  if (total === first) return counted(total, 'record', 'records')
  return `The newest ${first} of ${total.toLocaleString('en')}.`
}

/** @param {HTMLSelectElement} select */
async function showKinds(select) {
  const outcome = await /** @type {typeof get<{ readonly kinds: readonly Kind[] }>} */ (get)(PATH)
  if (!outcome.ok) return
  const { kinds } = outcome.value
  if (select.length === 0) {
    const options = kinds.map(({ kind }) => element('option', { value: kind }))
    select.append(...options)
    select.value = 'users'
  }
  for (const option of select.options) {
    const total = kinds.find(({ kind }) => kind === option.value)?.total ?? 0
    const words = `${option.value.replaceAll('_', ' ')} (${total.toLocaleString('en')})`
    // Only if it changed, because an open list would close.
    if (option.textContent !== words) option.textContent = words
  }
}

/** @param {StoredRecord} first */
function recordItem(first) {
  const title = element('b')
  const json = element('pre')

  /** @param {StoredRecord} record */
  function update(record) {
    title.textContent = nameOf(record)
    json.textContent = JSON.stringify(record, null, 2)
  }

  update(first)
  const summary = element('summary', {}, title, ' ', element('code', {}, shown(first.id)))
  return { element: element('li', {}, element('details', { class: 'record' }, summary, json)), update }
}

/** @param {StoredRecord} record */
function nameOf(record) {
  const name = NAMES.map((field) => record[field]).find((value) => typeof value === 'string' && value !== '')
  return typeof name === 'string' ? briefly(name) : ''
}
