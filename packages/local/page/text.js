/** Characters of a text that a card shows. */
const MAX_SHOWN = 120

/**
 * A text of somebody else's, as it can be shown: what would not be seen, or would write from right to left, is written
 * out, and what is too long is cut.
 *
 * @param {string} text
 * @param {number} [max] characters
 */
export function shown(text, max = MAX_SHOWN) {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text
  return writtenOut(cut)
}

/** @param {string} text */
export function writtenOut(text) {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === '\n' ? character : escaped(character),
  )
}

/**
 * In the name of a button.
 *
 * @param {string} text
 */
export function briefly(text) {
  return shown(text, 60)
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/**
 * As JSON writes it.
 *
 * @param {string} character
 */
function escaped(character) {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
