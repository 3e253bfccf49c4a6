import { announce } from './announce.js'
import { remove } from './ask.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'
import { shown } from './text.js'
import { timeNear } from './time.js'

/** @typedef {import('../src/outbox/outbox.js').OutboxEmail} OutboxEmail */
/** @typedef {import('../src/outbox/outbox.js').OutboxSms} OutboxSms */
/** @typedef {{ readonly emails: readonly OutboxEmail[], readonly smsMessages: readonly OutboxSms[] }} Outbox */

const PATH = '/_local/outbox'

/**
 * Lists the emails and text messages that Clerk would have sent, newest first, and empties the outbox.
 *
 * @param {() => Promise<void>} onChange
 * @returns {(outbox: Outbox) => void} shows this outbox
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
    none.hidden = messages.length > 0
    clear.hidden = messages.length === 0
  }
}

/** @param {OutboxEmail | OutboxSms} message */
function messageItem(message) {
  const { to, body, links, sentAt, deliveredByClerk } = message
  const [title, text] = 'subject' in message ? [message.subject, message.text] : ['Text message', body]
  const summary = element(
    'summary',
    {},
    element('b', {}, shown(title)),
    ` to ${shown(to)}, `,
    timeNear(sentAt, Date.now()),
  )
  return {
    element: element(
      'li',
      {},
      element(
        'details',
        { class: 'record' },
        summary,
        !deliveredByClerk && element('p', { class: 'none' }, 'Your application sends it, prompted by a webhook.'),
        element('pre', {}, text),
        links.length > 0 && element('ul', { 'aria-label': 'Links' }, ...links.map(linkItem)),
      ),
    ),
    update: () => {},
  }
}

/** @param {string} link */
function linkItem(link) {
  // A template may contain any address, such as javascript:
  const isWeb = /^https?:\/\//.test(link)
  const target = isWeb ? element('a', { href: link, target: '_blank', rel: 'noreferrer' }, shown(link)) : shown(link)
  return element('li', {}, target)
}
