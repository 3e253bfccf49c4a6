import type { Listing } from './route.js'

/** What a host reports to the process that started it. Other messages are those of the application. */
export interface HostMessage {
  readonly from: 'clerk-auth-local-host'
  readonly report: HostReport
}

export type HostReport =
  | { readonly type: 'listed'; readonly listing: Listing; readonly url: string }
  | { readonly type: 'failed'; readonly reason: string }
  /** An unhandled error, which does not end the host. */
  | { readonly type: 'unhandled'; readonly reason: string }

/** The command line of a host: the file of the application, and whether its handlers are called. */
export type HostArguments = readonly [file: string, handlers: 'call' | 'replace']

export function isHostMessage(message: unknown): message is HostMessage {
  return (message as Partial<HostMessage> | null)?.from === 'clerk-auth-local-host'
}
