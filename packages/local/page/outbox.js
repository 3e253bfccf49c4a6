import { announce } from './announce.js'
import { remove } from './ask.js'
import { instanceNow } from './clock.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'
import { shown } from './text.js'
import { timeNear } from './time.js'

/** @typedef {import('../src/outbox/outbox.js').OutboxEmail} OutboxEmail */
/** @typedef {import('../src/outbox/outbox.js').OutboxSms} OutboxSms */
/** @typedef {import('../src/control/outbox-api.js').OutboxView} OutboxView */

const PATH = '/_local/outbox'

/** The longest body that is shown, in characters. */
const MAX_SHOWN = 20_000

/**
 * Lists the emails and text messages that Clerk would have sent, newest first, and empties the outbox.
 *
 * @param {() => Promise<void>} onChange
 * @returns {(outbox: OutboxView) => void} shows this outbox
 */
export function startOutbox(onChange) {
  const none = part('outbox-none', HTMLElement)
  const clear = part('outbox-clear', HTMLButtonElement)
  const show = keyedList(part('outbox-list', HTMLElement), ({ id }) => id, messageItem)

  pressedOnce(clear, async () => {
    const outcome = await remove(PATH)
    if (!outcome.ok) return announce(outcome.problem)
    // The pressed button is hidden.
    part('outbox-heading', HTMLElement).focus()
    announce('The outbox is empty')
    await onChange()
  })

  return ({ emails, smsMessages }) => {
    const messages = [...emails, ...smsMessages].sort((one, other) => other.sentAt - one.sentAt)
    show(messages)
    part('outbox-count', HTMLElement).textContent = messages.length.toLocaleString('en')
    none.hidden = messages.length > 0
    clear.hidden = messages.length === 0
  }
}

/** @param {OutboxEmail | OutboxSms} message */
function messageItem(message) {
  const { id, to, body, links, sentAt, deliveredByClerk } = message
  const [title, text] = 'subject' in message ? [message.subject, message.text] : ['Text message', body]
  const details = element(
    'details',
    { class: 'record' },
    element(
      'summary',
      {},
      element('b', {}, shown(title)),
      element('span', { class: 'about' }, `to ${shown(to)}, ${timeNear(sentAt, instanceNow())}`),
    ),
    !deliveredByClerk &&
      element('p', { class: 'none' }, 'Clerk does not deliver it: your application does, prompted by a webhook.'),
    element('pre', { tabindex: 0, role: 'region', 'aria-label': `Text of ${id}` }, shown(text, MAX_SHOWN)),
    links.length > 0 && element('ul', { 'aria-label': `Links of ${id}` }, ...links.map(linkItem)),
  )
  return { element: element('li', {}, details), update: () => {} }
}

/** @param {string} link */
function linkItem(link) {
  // A template may contain any address, such as javascript:
  const isWeb = /^https?:\/\//i.test(link)
  const target = isWeb ? element('a', { href: link, target: '_blank', rel: 'noreferrer' }, shown(link)) : shown(link)
  return element('li', {}, target)
}
