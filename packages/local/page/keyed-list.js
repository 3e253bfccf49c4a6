/**
 * The element of an item, and a function that updates it.
 *
 * @template T
 * @typedef {object} Shown
 * @property {Element} element
 * @property {(item: T) => void} update
 */

/**
 * Shows a list in an element. Updates keep the elements of remaining items, with their focus and selections.
 *
 * @template T
 * @param {Element} parent
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Shown<T>} create
 * @returns {(items: readonly T[]) => void}
 */
export function keyedList(parent, keyOf, create) {
  /** @type {Map<string, Shown<T> & { json: string }>} */
  const entries = new Map()

  return (items) => {
    const wanted = byKey(items, keyOf)
    for (const [key, { element }] of entries) {
      if (wanted.has(key)) continue
      element.remove()
      entries.delete(key)
    }
    let place = parent.firstElementChild
    for (const [key, item] of wanted) {
      const json = JSON.stringify(item)
      const entry = entries.get(key) ?? { ...create(item), json }
      if (entry.json !== json) entry.update(item)
      entries.set(key, Object.assign(entry, { json }))
      if (place === entry.element) place = place.nextElementSibling
      else parent.insertBefore(entry.element, place)
    }
  }
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 */
function byKey(items, keyOf) {
  /** @type {Map<string, T>} */
  const found = new Map()
  for (const item of items) {
    const key = keyOf(item)
    let [unique, n] = [key, 1]
    while (found.has(unique)) unique = `${key} ${++n}`
    found.set(unique, item)
  }
  return found
}
