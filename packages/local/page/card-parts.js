import { copy } from './clipboard.js'
import { element } from './element.js'
import { pressedOnce } from './press.js'
import { briefly, shown } from './text.js'

/**
 * The heading of a card, with the id under it.
 *
 * @param {object} of
 * @param {string} of.name
 * @param {string} of.id
 * @param {string} [of.about] a second line, such as an email address
 */
export function cardHead({ name, id, about }) {
  const headingId = `heading-${id}`
  const copyId = element(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': `Copy the id of ${briefly(name)}` },
    'Copy',
  )
  return {
    headingId,
    element: element(
      'div',
      { class: 'card-head' },
      element('h3', { id: headingId }, shown(name)),
      about ? element('p', { class: 'about' }, shown(about)) : null,
      element(
        'p',
        { class: 'id' },
        element('code', {}, shown(id)),
        pressedOnce(copyId, () => copy(id, `id of ${briefly(name)}`)),
      ),
    ),
  }
}

/**
 * Short facts of one kind, side by side.
 *
 * @param {object} of
 * @param {string} of.label such as `Member of`
 * @param {string} of.owner
 * @param {readonly (readonly string[])[]} of.facts the first word of each is bold
 * @param {number} [of.total] total number, if there are more
 * @param {string} [of.none] text if there are none
 */
export function facts({ label, owner, facts, total = facts.length, none = 'none' }) {
  const items = facts.map(([first = '', ...more]) =>
    element('li', {}, element('b', {}, shown(first, 60)), ...more.map((word) => element('span', {}, shown(word, 60)))),
  )
  const more = total - facts.length
  return element(
    'div',
    { class: 'fact' },
    element('span', { class: 'label' }, label),
    facts.length === 0
      ? element('span', { class: 'none' }, none)
      : element(
          'ul',
          { class: 'tags', 'aria-label': `${label}: ${briefly(owner)}` },
          ...items,
          more > 0 && element('li', { class: 'none' }, `and ${more.toLocaleString('en')} more`),
        ),
  )
}

/**
 * A choice with its label.
 *
 * @param {string} label
 * @param {string} hiddenLabel distinguishes it from others with the same label
 * @param {readonly (readonly [value: string, text: string])[]} options
 */
export function choice(label, hiddenLabel, options) {
  const select = element('select')
  const set = (/** @type {typeof options} */ all) => {
    const { value } = select
    select.replaceChildren(...all.map(([value, text]) => element('option', { value }, shown(text, 40))))
    if (all.some(([known]) => known === value)) select.value = value
  }
  set(options)
  return {
    select,
    set,
    element: element(
      'label',
      {},
      element('span', {}, label),
      element('span', { class: 'unseen' }, ` ${hiddenLabel}`),
      select,
    ),
  }
}

/**
 * @param {string} label
 * @param {...Node} children
 */
export function tools(label, ...children) {
  return element('div', { class: 'tools', role: 'group', 'aria-label': label }, ...children)
}

/**
 * @param {string} headingId
 * @param {...Node} children
 */
export function card(headingId, ...children) {
  return element('li', {}, element('article', { class: 'card', 'aria-labelledby': headingId }, ...children))
}
