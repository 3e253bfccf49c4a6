/** The maximum length of a text in a card. */
const MAX_SHOWN = 120

/**
 * Makes untrusted text safe to display: escapes invisible characters and changes of text direction, and truncates it.
 *
 * @param {string} text
 * @param {number} [max] characters
 */
export function shown(text, max = MAX_SHOWN) {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text
  return escapeInvisible(cut)
}

/** @param {string} text */
export function escapeInvisible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === '\n' ? character : escaped(character),
  )
}

/**
 * Shortens text for the name of a button.
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
 * Escapes a character as in JSON.
 *
 * @param {string} character
 */
function escaped(character) {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
