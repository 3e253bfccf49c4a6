import { announce } from './announce.js'
import { post, remove } from './ask.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce, submittedOnce } from './press.js'
import { shown } from './text.js'

/** @typedef {import('../src/http/operation-calls.js').ActiveFault} ActiveFault */
/** @typedef {import('../src/http/fault.js').Fault} Fault */
/** @typedef {{ readonly faults: readonly ActiveFault[], readonly operations: readonly string[] }} Faults */

const PATH = '/_local/faults'

/**
 * Sets faults, lists them and clears them.
 *
 * @param {() => Promise<void>} onChange
 * @returns {(faults: Faults) => void} shows these faults
 */
export function startFaultControls(onChange) {
  const operation = part('fault-operation', HTMLInputElement)
  /** @type {readonly string[]} */
  let names = []
  const show = keyedList(
    part('faults-body', HTMLElement),
    (/** @type {ActiveFault} */ active) => active.operation,
    (active) => faultRow(active, onChange),
  )

  operation.addEventListener('input', () => {
    const isKnown = operation.value === '' || names.includes(operation.value)
    operation.setCustomValidity(isKnown ? '' : 'Choose an operation from the list')
  })
  submittedOnce(part('fault-form', HTMLFormElement), async () => {
    const outcome = await post(PATH, { operation: operation.value, ...faultOfForm() })
    announce(outcome.ok ? `Set: fault for ${operation.value}` : outcome.problem)
    if (outcome.ok) await onChange()
  })
  pressedOnce(part('faults-clear', HTMLButtonElement), async () => {
    const outcome = await remove(PATH)
    announce(outcome.ok ? 'Cleared: all faults' : outcome.problem)
    if (outcome.ok) await onChange()
  })

  return ({ faults, operations }) => {
    names = operations
    show(faults)
    part('faults-none', HTMLElement).hidden = faults.length > 0
    part('faults-region', HTMLElement).hidden = faults.length === 0
  }
}

/** Omits empty fields. */
function faultOfForm() {
  const number = (/** @type {string} */ id) => {
    const { value, valueAsNumber } = part(id, HTMLInputElement)
    return value === '' ? undefined : valueAsNumber
  }
  const times = number('fault-times')
  if (part('fault-hang', HTMLInputElement).checked) return { hang: true, times }
  const body = part('fault-body', HTMLTextAreaElement).value
  const headers = headersOf(part('fault-headers', HTMLTextAreaElement).value)
  return {
    status: number('fault-status'),
    retryAfter: number('fault-retry-after'),
    delayInMs: number('fault-delay'),
    body: body === '' ? undefined : body,
    headers,
    times,
  }
}

/**
 * @param {string} lines such as `content-type: text/html`
 */
function headersOf(lines) {
  const pairs = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...value] = line.split(':')
      return [name.trim(), value.join(':').trim()]
    })
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

/**
 * @param {ActiveFault} first
 * @param {() => Promise<void>} onChange
 */
function faultRow(first, onChange) {
  const { operation } = first
  const words = element('td', { class: 'words' })
  const left = element('td', { class: 'number' })
  const clear = pressedOnce(
    element('button', { type: 'button', class: 'quiet', 'aria-label': `Clear the fault for ${operation}` }, 'Clear'),
    async () => {
      const outcome = await remove(`${PATH}/${encodeURIComponent(operation)}`)
      if (!outcome.ok) return announce(outcome.problem)
      // The focused row is removed.
      part('faults-heading', HTMLElement).focus()
      announce(`Cleared: fault for ${operation}`)
      await onChange()
    },
  )

  /** @param {ActiveFault} active */
  function update({ fault, timesLeft }) {
    words.textContent = describe(fault)
    left.textContent = timesLeft === null ? 'all' : timesLeft.toLocaleString('en')
  }

  update(first)
  return {
    element: element(
      'tr',
      {},
      element('th', { scope: 'row' }, operation),
      words,
      left,
      element('td', { class: 'action' }, clear),
    ),
    update,
  }
}

/** @param {Fault} fault */
function describe({ hang, status, retryAfter, delayInMs, body, headers }) {
  return [
    hang && 'no response',
    status !== undefined && `status ${status}`,
    retryAfter !== undefined && `Retry-After ${retryAfter} s`,
    delayInMs !== undefined && `after ${delayInMs.toLocaleString('en')} ms`,
    body !== undefined && `body ${shown(typeof body === 'string' ? body : JSON.stringify(body), 40)}`,
    headers && `headers ${shown(Object.keys(headers).join(', '), 40)}`,
  ]
    .filter(Boolean)
    .join(', ')
}
