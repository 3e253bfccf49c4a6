import { announce } from './announce.js'
import { get } from './ask.js'
import { element, part } from './element.js'
import { secretKey } from './header.js'
import { submittedOnce } from './press.js'
import { shown } from './text.js'

/** @typedef {import('../src/control/operations-api.js').OperationView} Operation */

const TIMEOUT_IN_MS = 10_000

/** The largest part of an answer that is shown, in characters. */
const MAX_SHOWN = 50_000

/** The operations that APIs call to verify tokens come first in the suggestions. */
const ASKED_BY_APIS = /^(GetJWKS|verify)/

/**
 * Calls operations of the Backend API, with the secret key of the instance.
 *
 * @param {() => void} onCalled
 */
export async function startOperationCall(onCalled) {
  const name = part('call-operation', HTMLInputElement)
  const path = part('call-path', HTMLInputElement)
  const body = part('call-body', HTMLTextAreaElement)
  const send = part('call-send', HTMLButtonElement)
  const operations = await loadOperations()
  part('operation-names', HTMLElement).append(...suggestions(operations))

  const chosen = () => operations.find(({ id }) => id === name.value)
  name.addEventListener('input', () => {
    const operation = chosen()
    name.setCustomValidity(operation || name.value === '' ? '' : 'Choose an operation from the list')
    if (operation) prepare(operation)
  })
  submittedOnce(part('call-form', HTMLFormElement), async () => {
    const operation = chosen()
    if (!operation) return
    const placeholder = /\{\w+\}/.exec(path.value)
    if (placeholder) {
      path.focus()
      // So that typing or pasting an id replaces it.
      path.setSelectionRange(placeholder.index, placeholder.index + placeholder[0].length)
      return announce(`Replace ${placeholder[0]} in the path.`)
    }
    showAnswer(await call(operation.method, path.value, body.value))
    onCalled()
  })

  /** @param {Operation} operation */
  function prepare({ method, path: template, query, body: fields }) {
    path.value = template
    body.value = ''
    send.textContent = `Send ${method}`
    part('call-body-part', HTMLElement).hidden = method === 'GET'
    part('call-fields', HTMLElement).hidden = query.length + fields.length === 0
    part('call-field-names', HTMLElement).replaceChildren(...fieldNames('Query', query), ...fieldNames('Body', fields))
  }
}

/**
 * @param {string} where
 * @param {readonly string[]} names
 */
function fieldNames(where, names) {
  return names.length === 0 ? [] : [element('p', {}, `${where}: ${names.join(', ')}`)]
}

async function loadOperations() {
  const outcome = await /** @type {typeof get<{ readonly operations: readonly Operation[] }>} */ (get)(
    '/_local/operations',
  )
  return outcome.ok ? outcome.value.operations : []
}

/** @param {readonly Operation[]} operations */
function suggestions(operations) {
  const byName = operations.toSorted((one, other) => one.id.localeCompare(other.id, 'en'))
  const isFirst = ({ id = '' }) => ASKED_BY_APIS.test(id)
  return [...byName.filter(isFirst), ...byName.filter((it) => !isFirst(it))].map(({ id, method, path }) =>
    element('option', { value: id }, `${method} ${path}`),
  )
}

/** @typedef {{ readonly isOk: boolean, readonly title: string, readonly text: string }} Answered */

/**
 * @param {string} method
 * @param {string} path
 * @param {string} body
 * @returns {Promise<Answered>}
 */
async function call(method, path, body) {
  try {
    const options = {
      headers: { authorization: `Bearer ${secretKey()}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_IN_MS),
    }
    const sent = method === 'GET' ? options : { ...options, method, body: body.trim() === '' ? null : body }
    const response = await fetch(location.origin + path, sent)
    return { isOk: response.ok, title: `Status ${response.status}`, text: indented(await response.text()) }
  } catch {
    return { isOk: false, title: 'No response', text: '' }
  }
}

/** @param {Answered} answered */
function showAnswer({ isOk, title, text }) {
  const status = part('call-status', HTMLElement)
  status.className = `status ${isOk ? 'good' : 'bad'}`
  status.textContent = title
  const answer = part('call-answer', HTMLElement)
  answer.hidden = text === ''
  answer.textContent = shown(text, MAX_SHOWN)
}

/** @param {string} text */
function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
