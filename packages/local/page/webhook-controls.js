import { announce } from './announce.js'
import { post, remove } from './ask.js'
import { breakable, element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce, submittedOnce } from './press.js'
import { shown } from './text.js'
import { timeNear } from './time.js'

/** @typedef {import('../src/webhooks/webhook-deliveries.js').WebhookDelivery} WebhookDelivery */
/** @typedef {import('../src/webhooks/webhook-endpoint.js').WebhookEndpoint} WebhookEndpoint */
/**
 * @typedef {object} Webhooks
 * @property {readonly WebhookEndpoint[]} endpoints
 * @property {readonly WebhookDelivery[]} deliveries
 * @property {readonly string[]} types
 */

const PATH = '/_local/webhooks'

/** Preselected in the form. */
const FIRST_TYPE = 'user.updated'

/**
 * Adds and removes endpoints, sends test webhooks, and lists deliveries, which can be resent.
 *
 * @param {() => Promise<void>} onChange
 * @returns {(webhooks: Webhooks) => void} shows these webhooks
 */
export function startWebhookControls(onChange) {
  const url = part('webhook-url', HTMLInputElement)
  const type = part('webhook-type', HTMLSelectElement)
  const data = part('webhook-data', HTMLTextAreaElement)
  /** @type {readonly WebhookDelivery[]} */
  let latest = []
  const showEndpoints = keyedList(
    part('webhook-endpoints-body', HTMLElement),
    ({ id }) => id,
    (/** @type {WebhookEndpoint} */ endpoint) => endpointRow(endpoint, onChange),
  )
  const showDeliveries = keyedList(
    part('webhook-deliveries-body', HTMLElement),
    ({ id, endpoint }) => `${id} ${endpoint}`,
    (/** @type {WebhookDelivery} */ delivery) => deliveryRow(delivery, onChange),
  )

  submittedOnce(part('webhook-add', HTMLFormElement), async () => {
    const outcome = await post(PATH, { url: url.value })
    if (!outcome.ok) return announce(outcome.problem)
    url.value = ''
    announce('Added: this endpoint receives events from now on')
    await onChange()
  })

  let suggested = ''
  function suggestData() {
    if (data.value !== suggested) return
    suggested = JSON.stringify({ object: objectOf(type.value), id: 'test' }, null, 2)
    data.value = suggested
  }
  type.addEventListener('change', suggestData)
  submittedOnce(part('webhook-send', HTMLFormElement), async () => {
    const parsed = parsedJson(data.value)
    if (parsed === undefined) {
      data.focus()
      return announce('The data is not JSON.')
    }
    const outcome = await /** @type {typeof post<{ readonly id: string }>} */ (post)(`${PATH}/send`, {
      type: type.value,
      data: parsed,
    })
    if (!outcome.ok) return announce(outcome.problem)
    await onChange()
    const isSent = latest.some(({ id }) => id === outcome.value.id)
    announce(isSent ? `Sent: ${type.value}` : `No endpoint receives ${type.value}: add one first`)
  })

  return ({ endpoints, deliveries, types }) => {
    latest = deliveries
    if (type.length === 0) {
      type.append(...types.map((name) => element('option', {}, name)))
      type.value = FIRST_TYPE
      suggestData()
    }
    showEndpoints(endpoints)
    showDeliveries(deliveries)
    part('webhook-endpoints-none', HTMLElement).hidden = endpoints.length > 0
    part('webhook-endpoints-region', HTMLElement).hidden = endpoints.length === 0
    part('webhook-deliveries-none', HTMLElement).hidden = deliveries.length > 0
    part('webhook-deliveries-region', HTMLElement).hidden = deliveries.length === 0
  }
}

/**
 * Clerk's name for the object of an event: `organization_membership` for `organizationMembership.created`.
 *
 * @param {string} type
 */
function objectOf(type) {
  const [subject = ''] = type.split('.')
  return subject.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * @param {string} text
 * @returns {unknown} `undefined` if it is not JSON
 */
function parsedJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * @param {WebhookEndpoint} endpoint
 * @param {() => Promise<void>} onChange
 */
function endpointRow({ id, url, events }, onChange) {
  const removal = pressedOnce(
    element('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${shown(url)}, ${id}` }, 'Remove'),
    async () => {
      const outcome = await remove(`${PATH}/${encodeURIComponent(id)}`)
      if (!outcome.ok) return announce(outcome.problem)
      // The focused row is removed.
      part('webhooks-heading', HTMLElement).focus()
      announce('Removed: this endpoint receives no more events')
      await onChange()
    },
  )
  return {
    element: element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'path' }, shown(url)),
      element('td', { class: 'words' }, events.includes('*') ? 'all' : events.join(', ')),
      element('td', { class: 'action' }, removal),
    ),
    update: () => {},
  }
}

/**
 * @param {WebhookDelivery} first
 * @param {() => Promise<void>} onChange
 */
function deliveryRow(first, onChange) {
  const { id, type, url, at } = first
  const outcome = element('td')
  const attempts = element('td', { class: 'number' })
  const resend = pressedOnce(
    element(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Resend ${type} to ${shown(url)}, ${id}` },
      'Resend',
    ),
    async () => {
      const result = await post(`${PATH}/resend`, { id })
      announce(result.ok ? `Resent: ${type}` : result.problem)
      if (result.ok) await onChange()
    },
  )

  /** @param {WebhookDelivery} delivery */
  function update(delivery) {
    outcome.className = `outcome ${outcomeClass(delivery)}`
    outcome.textContent = outcomeText(delivery)
    attempts.textContent = delivery.attempts.toLocaleString('en')
  }

  update(first)
  return {
    element: element(
      'tr',
      {},
      element('td', {}, timeNear(at, Date.now())),
      element('th', { scope: 'row', class: 'words' }, ...breakable(type, /(?<=[a-z.])(?=[A-Z])|(?<=\.)/)),
      element('td', { class: 'path' }, shown(url)),
      outcome,
      attempts,
      element('td', { class: 'action' }, resend),
    ),
    update,
  }
}

/** @param {WebhookDelivery} delivery */
function outcomeClass({ status, reason }) {
  if (status === null) return reason === null ? '' : 'bad'
  return status >= 200 && status < 300 ? 'good' : 'bad'
}

/** @param {WebhookDelivery} delivery */
function outcomeText({ status, reason, outcome, nextAttemptAt }) {
  const next = nextAttemptAt === null ? outcome : `retry at ${timeNear(nextAttemptAt, Date.now())}`
  const answer = status ?? reason
  return answer === null ? next : `${answer}, ${next}`
}
