import { card, cardHead } from './card-parts.js'

/** @typedef {import('../src/control/directory-view.js').ClientView} ClientView */

/** @param {ClientView} client */
export function clientCard({ key, id, name }) {
  const head = cardHead({ name: key, id, about: name })
  return { element: card(head.headingId, head.element), update: () => {} }
}
