import { get } from './ask.js'
import { clientCard } from './client-card.js'
import { setClock } from './clock.js'
import { isConnected, whenBack } from './connection.js'
import { part } from './element.js'
import { showHeader } from './header.js'
import { keyedList } from './keyed-list.js'
import { machineCard } from './machine-card.js'
import { organizationCard } from './organization-card.js'
import { personCard } from './person-card.js'
import { repeatWhileVisible } from './repeat.js'
import { counted, shown } from './text.js'

/** @typedef {import('../src/control/directory-view.js').DirectoryView} DirectoryView */

const PAUSE_IN_MS = 10_000
const PAUSE_WHILE_GONE_IN_MS = 2000
const TYPING_PAUSE_IN_MS = 250

const PARTS = /** @type {const} */ (['people', 'organizations', 'machines', 'clients'])

/** The names of each part of the directory, and the text if it is empty. */
const KINDS = /** @type {const} */ ({
  people: ['person', 'people', 'No people. They come from a seed, or from POST /v1/users.'],
  organizations: [
    'organization',
    'organizations',
    'No organizations. They come from a seed, or from POST /v1/organizations.',
  ],
  machines: ['machine', 'machines', 'No machines. They come from a seed, or from POST /v1/machines.'],
  clients: ['OAuth client', 'OAuth clients', 'No OAuth clients. They come from a seed.'],
})

/**
 * Shows the contents of the instance, and keeps them up to date.
 *
 * @returns {() => void} refreshes now
 */
export function startDirectory() {
  const refresh = () => void ask()
  const shownIn = (/** @type {string} */ id) => part(id, HTMLElement)
  const lists = {
    people: keyedList(
      shownIn('people-list'),
      ({ id }) => id,
      (/** @type {DirectoryView['people']['first'][number]} */ it) => personCard(it, refresh),
    ),
    organizations: keyedList(
      shownIn('organizations-list'),
      ({ id }) => id,
      (/** @type {DirectoryView['organizations']['first'][number]} */ it) => organizationCard(it, refresh),
    ),
    machines: keyedList(
      shownIn('machines-list'),
      ({ id }) => id,
      (/** @type {DirectoryView['machines']['first'][number]} */ it) => machineCard(it, refresh),
    ),
    clients: keyedList(shownIn('clients-list'), ({ id }) => id, clientCard),
  }
  const search = part('search', HTMLInputElement)
  const found = part('found', HTMLElement)
  const ask = repeatWhileVisible(load, () => (isConnected() ? PAUSE_IN_MS : PAUSE_WHILE_GONE_IN_MS))

  whenBack(refresh)

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing
  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(refresh, TYPING_PAUSE_IN_MS)
  })
  part('search-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    refresh()
  })

  async function load() {
    const query = search.value.trim()
    const outcome = await /** @type {typeof get<DirectoryView>} */ (get)(
      `/_local/directory?q=${encodeURIComponent(query)}`,
    )
    if (!outcome.ok) {
      if (isConnected()) found.textContent = outcome.problem
      return
    }
    show(outcome.value, query)
  }

  /** @param {DirectoryView} view @param {string} query */
  function show(view, query) {
    setClock(view.clock)
    showHeader(view)
    lists.people(view.people.first)
    lists.organizations(view.organizations.first)
    lists.machines(view.machines.first)
    lists.clients(view.clients.first)
    for (const kind of PARTS) showCount(kind, view, query)
    const counts = PARTS.map((kind) => counted(view[kind].total, KINDS[kind][0], KINDS[kind][1]))
    const words = query === '' ? '' : `Found for “${shown(query, 40)}”: ${counts.join(', ')}`
    // Only if it changed, because screen readers announce it.
    if (found.textContent !== words) found.textContent = words
    document.body.classList.add('is-loaded')
  }

  return refresh
}

/**
 * @param {keyof typeof KINDS} kind
 * @param {DirectoryView} view
 * @param {string} query
 */
function showCount(kind, view, query) {
  const { total, first } = view[kind]
  const [, many, none] = KINDS[kind]
  part(`${kind}-count`, HTMLElement).textContent = total.toLocaleString('en')
  const note = part(`${kind}-note`, HTMLElement)
  const some = `The first ${first.length} of ${total.toLocaleString('en')}. Search to see others.`
  note.hidden = total > 0 && total === first.length
  note.textContent = total > 0 ? some : query === '' ? none : `No ${many} for this search.`
}
