import { announce } from './announce.js'
import { post, remove } from './ask.js'
import { element, part } from './element.js'
import { keyedList } from './keyed-list.js'
import { pressedOnce } from './press.js'

/**
 * @typedef {object} Keys
 * @property {string} current
 * @property {readonly { readonly kid: string, readonly alg: string }[]} published
 */

/** @typedef {{ readonly kid: string, readonly alg: string, readonly signs: boolean }} ShownKey */

const PATH = '/_local/keys'

/**
 * Lists the published keys, rotates them and withdraws them.
 *
 * @param {() => Promise<void>} onChange
 * @returns {(keys: Keys) => void} shows these keys
 */
export function startKeyControls(onChange) {
  const note = part('keys-note', HTMLElement)
  const region = part('keys-region', HTMLElement)
  const show = keyedList(
    part('keys-body', HTMLElement),
    ({ kid }) => kid,
    (/** @type {ShownKey} */ key) => keyRow(key, onChange),
  )
  rotateButton('keys-rotate', { overlap: true }, 'Signing with a new key. The others are still published.')
  rotateButton('keys-rotate-alone', { overlap: false }, 'Signing with a new key. The others were withdrawn.')

  /**
   * @param {string} id
   * @param {{ readonly overlap: boolean }} options
   * @param {string} message
   */
  function rotateButton(id, options, message) {
    pressedOnce(part(id, HTMLButtonElement), async () => {
      const outcome = await post(PATH, options)
      announce(outcome.ok ? message : outcome.problem)
      if (outcome.ok) await onChange()
    })
  }

  return ({ current, published }) => {
    show(published.map((key) => ({ ...key, signs: key.kid === current })))
    note.hidden = published.some(({ kid }) => kid === current)
    region.hidden = published.length === 0
  }
}

/**
 * @param {ShownKey} first
 * @param {() => Promise<void>} onChange
 */
function keyRow(first, onChange) {
  const { kid, alg } = first
  const use = element('td')
  const withdraw = pressedOnce(
    element('button', { type: 'button', class: 'quiet', 'aria-label': `Withdraw key ${kid}` }, 'Withdraw'),
    async () => {
      const outcome = await remove(`${PATH}/${encodeURIComponent(kid)}`)
      if (!outcome.ok) return announce(outcome.problem)
      // The focused row is removed.
      part('keys-heading', HTMLElement).focus()
      announce(`Withdrawn: key ${kid}`)
      await onChange()
    },
  )

  /** @param {ShownKey} key */
  function update({ signs }) {
    use.textContent = signs ? 'signs' : 'published'
  }

  update(first)
  return {
    element: element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('code', {}, kid)),
      element('td', {}, alg),
      use,
      element('td', { class: 'action' }, withdraw),
    ),
    update,
  }
}
