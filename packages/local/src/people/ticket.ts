import { newId, randomWord } from '../state/ids.js'

/** What signs somebody in once, without a password. Times are milliseconds since the epoch. */
export interface Ticket {
  /** `act_…` or `sit_…` */
  readonly id: string
  readonly kind: 'actor_token' | 'sign_in_token'
  readonly token: string
  readonly userId: string
  /** of an actor token: who will act as the user */
  readonly actor: object | null
  /** of a sign-in token: what will be active */
  readonly organizationId: string | null
  readonly status: 'pending' | 'accepted' | 'revoked'
  readonly expireAt: number
  /** of the session that it begins */
  readonly sessionDurationInMs: number | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

type TicketFields = Pick<Ticket, 'kind' | 'userId' | 'actor' | 'organizationId' | 'expireAt' | 'sessionDurationInMs'>

export function newTicket(fields: TicketFields, now: number): Ticket {
  const id = newId(fields.kind === 'actor_token' ? 'act' : 'sit')
  return { id, token: randomWord(42), status: 'pending', createdAt: now, updatedAt: now, ...fields }
}

/** Where a browser would be sent with it. */
export const ACCEPT_PATH = '/tickets/accept'

/** @param url of the instance */
export function ticketUrl({ token }: Ticket, url: string): string {
  return `${url}${ACCEPT_PATH}?ticket=${token}`
}
