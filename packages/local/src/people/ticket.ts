import { newId, randomWord } from '../state/ids.js'

/** Signs a user in once, without a password. Times are milliseconds since the epoch. */
export interface Ticket {
  /** `act_…` or `sit_…` */
  readonly id: string
  readonly kind: 'actor_token' | 'sign_in_token'
  readonly token: string
  readonly userId: string
  /** for an actor token: who will impersonate the user */
  readonly actor: object | null
  /** for a sign-in token: the organization that will be active */
  readonly organizationId: string | null
  readonly status: 'pending' | 'accepted' | 'revoked'
  readonly expireAt: number
  /** duration of the session that it starts */
  readonly sessionDurationInMs: number | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

type TicketFields = Pick<Ticket, 'kind' | 'userId' | 'actor' | 'organizationId' | 'expireAt' | 'sessionDurationInMs'>

export function newTicket(fields: TicketFields, now: number): Ticket {
  const id = newId(fields.kind === 'actor_token' ? 'act' : 'sit')
  return { id, token: randomWord(42), status: 'pending', createdAt: now, updatedAt: now, ...fields }
}

/** The path that a browser opens to use a ticket. */
export const ACCEPT_PATH = '/tickets/accept'

/** @param url the instance's URL */
export function ticketUrl({ token }: Ticket, url: string): string {
  return `${url}${ACCEPT_PATH}?ticket=${token}`
}
