import type { World } from '../state/world.js'

/** The path that a browser opens to use a ticket: a sign-in token, an actor token or an invitation. */
export const ACCEPT_PATH = '/tickets/accept'

export function ticketUrl({ url }: World, ticket: string): string {
  return `${url()}${ACCEPT_PATH}?ticket=${ticket}`
}
