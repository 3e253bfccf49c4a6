import { announce, readOut } from './announce.js'
import { post } from './ask.js'
import { instanceNow, isClockMoved } from './clock.js'
import { part } from './element.js'
import { explanationParts, verdictTitle } from './explanation.js'

/** @typedef {import('../src/control/explain-api.js').ExplanationView} ExplanationView */

const TYPING_PAUSE_IN_MS = 300

/** Decodes a token. It is sent to the instance in a request body, and not stored. */
export function startDecoder() {
  const form = part('decoder-form', HTMLFormElement)
  const token = part('token', HTMLTextAreaElement)
  const accepts = part('accepts', HTMLSelectElement)
  const byClock = part('by-clock', HTMLSelectElement)
  const result = part('explanation', HTMLElement)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing
  // Responses may arrive out of order, and only the one to the last request counts.
  let question = 0

  async function explain() {
    clearTimeout(typing)
    const asked = ++question
    part('by-clock-label', HTMLElement).hidden = !isClockMoved()
    if (token.value.trim() === '') return result.replaceChildren()
    const now = isClockMoved() && byClock.value === 'instance' ? { now: instanceNow() } : {}
    const input = { token: token.value, acceptsToken: accepts.value, ...now }
    const outcome = await /** @type {typeof post<ExplanationView>} */ (post)('/_local/explain', input)
    if (asked !== question) return
    if (!outcome.ok) {
      result.replaceChildren()
      return announce(outcome.problem)
    }
    result.replaceChildren(...explanationParts(outcome.value))
    readOut(`${outcome.value.title}. ${verdictTitle(outcome.value.verdict)}.`)
  }

  function clear() {
    token.value = ''
    void explain()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void explain()
  })
  token.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => void explain(), TYPING_PAUSE_IN_MS)
  })
  accepts.addEventListener('change', () => void explain())
  byClock.addEventListener('change', () => void explain())
  part('clear', HTMLButtonElement).addEventListener('click', () => {
    clear()
    token.focus()
  })
  // Clears the field for the next user of the page.
  addEventListener('pagehide', clear)
}
