import type { RequestListener } from 'node:http'
import type { Listing, Route } from './route.js'

/** An application of one of the frameworks, ready to be called. */
export interface FrameworkApp {
  readonly listing: Listing
  readonly listener: RequestListener
  /** Replaces the handlers of these routes with the marker. Returns the function that puts them back. */
  readonly replaceHandlers: (routes: readonly Route[]) => () => void
}
