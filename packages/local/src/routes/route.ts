/** The routes of an application and their guards, as found in the running application. */
export interface Listing {
  readonly framework: 'express' | 'fastify' | 'hono' | 'nestjs'
  /** In the order in which the application added them. */
  readonly routes: readonly Route[]
}

export interface Route {
  /** Such as `GET`, or `ALL`. */
  readonly method: string
  /** The pattern with all prefixes, as the framework writes it: `/orgs/:orgId/invoices`. */
  readonly path: string
  /** What runs before the handler, in order: guards, all of which must accept the caller, and marks of public routes. */
  readonly guards: readonly Description[]
  /** Guards that do not run before the handler, and so do not protect it. */
  readonly guardsBehindHandler: readonly Description[]
  /**
   * Whether the handler was found apart from what runs before it. Only then can the route be called without running the
   * handler.
   */
  readonly hasOwnHandler: boolean
  /** What its requests need besides method and path, such as the header that chooses a version. */
  readonly headers?: Readonly<Record<string, string>>
  /** Set if no request can be made from the path, such as a regular expression. */
  readonly isPathUnknown?: true
  /** Why the guards may not be all, as the end of a sentence: `Hono's every() hides its guards`. */
  readonly uncertain?: string
}

/** `GET /orgs/:orgId/invoices` */
export function labelOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`
}

/** The value that `describeGuard()` of core returns. Declared here because core belongs to the user's project. */
export type Description = { readonly isPublic: true } | GuardDescription

export interface GuardDescription {
  readonly isPublic: false
  /** At least one must hold. */
  readonly requirements: readonly RequirementDescription[]
}

/** A requirement as data: fields by name. `org: 'of-request'` and `check: true` stand for functions. */
export type RequirementDescription = Readonly<Record<string, unknown>> & { readonly acceptsToken: readonly string[] }

/** An application that was listed, and serves. */
export interface ListedApp {
  readonly listing: Listing
  /** On loopback, such as `http://127.0.0.1:53211`. Handlers are replaced by {@link MARKER_STATUS}, unless they are called. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** The status with which a route answers a caller that got past its guards. */
export const MARKER_STATUS = 204
