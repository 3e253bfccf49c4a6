import { get } from './ask.js'
import { breakable, element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { repeatWhileVisible } from './repeat.js'
import { shown } from './text.js'
import { timeNear } from './time.js'

/** @typedef {import('../src/http/request-log.js').LoggedRequest} LoggedRequest */

const PAUSE_IN_MS = 2000

/**
 * Shows the last requests. Screen readers do not announce them.
 *
 * @param {() => void} onNew
 */
export function startRequests(onNew) {
  const pause = part('pause', HTMLButtonElement)
  const none = part('requests-none', HTMLElement)
  const region = part('requests-region', HTMLElement)
  const show = keyedList(
    part('requests-body', HTMLElement),
    ({ at, method, path }) => `${at} ${method} ${path}`,
    requestRow,
  )
  let newest = ''

  const askNow = repeatWhileVisible(
    async () => {
      if (pause.getAttribute('aria-pressed') === 'true') return
      const outcome = await /** @type {typeof get<{ readonly requests: readonly LoggedRequest[] }>} */ (get)(
        '/_local/calls',
      )
      // Paused in the meantime: keep the list unchanged.
      if (!outcome.ok || pause.getAttribute('aria-pressed') === 'true') return
      const { requests } = outcome.value
      show(requests)
      none.hidden = requests.length > 0
      region.hidden = requests.length === 0
      const latest = JSON.stringify(requests[0] ?? null)
      if (newest !== '' && latest !== newest) onNew()
      newest = latest
    },
    () => PAUSE_IN_MS,
  )

  pause.addEventListener('click', () => {
    const isPaused = pause.getAttribute('aria-pressed') !== 'true'
    pause.setAttribute('aria-pressed', String(isPaused))
    if (!isPaused) void askNow()
  })
}

/** @param {LoggedRequest} first */
function requestRow(first) {
  const row = element('tr')

  /** @param {LoggedRequest} request */
  function update({ at, method, path, operation, status, code, isFaulty, tookInMs }) {
    row.replaceChildren(
      element('td', {}, timeNear(at, Date.now())),
      element('td', {}, shown(method, 20)),
      element('td', { class: 'path' }, ...breakable(shown(path), /(?<=.\/)/)),
      element('td', { class: 'words' }, ...breakable(operation ?? '–', /(?<=[a-z])(?=[A-Z])/)),
      element(
        'td',
        { class: statusClass(status) },
        status === null ? 'no response' : String(status),
        isFaulty && ' ',
        isFaulty && element('span', { class: 'fault' }, 'fault'),
      ),
      element(
        'td',
        { class: 'number' },
        tookInMs === null ? '–' : `${tookInMs < 10 ? tookInMs.toFixed(1) : Math.round(tookInMs)} ms`,
      ),
      element('td', { class: 'code' }, ...breakable(code ?? '–', /(?<=_)/)),
    )
  }

  update(first)
  return { element: row, update }
}

/** @param {number | null} status */
function statusClass(status) {
  if (status === null || status >= 500) return 'status bad'
  return status >= 400 ? 'status warning' : 'status good'
}
