import type { World } from '../state/world.js'

/** The application, as templates see it. */
export function appOf({ url }: World) {
  return { name: 'Local application', url: url(), domain_name: new URL(url()).host }
}
