import type { Answer, ErrorItem } from '../api/answer.js'

/** A request to the instance, and its outcome. Headers, query, body, tokens and secrets are not logged. */
export interface LoggedRequest {
  /** milliseconds since the epoch, by the system clock and not the instance's clock */
  readonly at: number
  readonly method: string
  /** segments that are neither words nor ids are replaced by `…` */
  readonly path: string
  /** `null`: no endpoint at this path, or one that is not in Clerk's specification */
  readonly operation: string | null
  /** `null`: not yet answered, or never because of a `hang` fault */
  readonly status: number | null
  /** error code of the response */
  readonly code: string | null
  /** whether a fault applied */
  readonly isFaulty: boolean
  /** milliseconds until the response */
  readonly tookInMs: number | null
}

/** Records what happens to a request while it is answered. */
export interface Visit {
  readonly faulted: () => void
  readonly answered: (answer: Answer) => void
}

export interface RequestLog {
  readonly enter: (method: string, path: string, operation: string | null) => Visit
  /** newest first */
  readonly latest: () => readonly LoggedRequest[]
  readonly reset: () => void
}

const MAX_REQUESTS = 200

/** Logs the latest requests, except those to the instance's own paths. */
export function createRequestLog(isOwnPath: (path: string) => boolean): RequestLog {
  let requests: { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] }[] = []
  return {
    enter(method, path, operation) {
      if (isOwnPath(path)) return UNSEEN
      const startedAt = performance.now()
      const outcome = { status: null, code: null, isFaulty: false, tookInMs: null }
      const entry: (typeof requests)[number] = { at: Date.now(), method, path: redact(path), operation, ...outcome }
      requests = [entry, ...requests.slice(0, MAX_REQUESTS - 1)]
      return {
        faulted: () => void (entry.isFaulty = true),
        answered({ status, body }) {
          entry.status = status
          entry.code = isErrorItem(body) ? body.code : null
          entry.tookInMs = Math.round((performance.now() - startedAt) * 1000) / 1000
        },
      }
    },
    latest: () => requests.map((entry) => ({ ...entry })),
    reset() {
      requests = []
    },
  }
}

function isErrorItem(body: Answer['body']): body is ErrorItem {
  return typeof body === 'object' && !(body instanceof Uint8Array)
}

const UNSEEN: Visit = { faulted: () => {}, answered: () => {} }

/** Keeps tokens and secrets that a caller put into the path by mistake out of the log. */
function redact(path: string): string {
  return path.split('/').map(redactPart).join('/')
}

function redactPart(part: string): string {
  return WORD.test(part) || ID.test(part) || WELL_KNOWN.includes(part) ? part : '…'
}

/** `v1`, `m2m_tokens`, `.well-known`, `jwks.json`; nothing with the prefix of a secret or token. */
const WORD = /^(?!(ak|mt|oat|sk|pk)_)([a-z0-9]{1,12}|\.well-known|[a-z]+(_[a-z0-9]+)*|[a-z]+\.json|)$/

const WELL_KNOWN = ['oauth-authorization-server', 'openid-configuration']

/** Opaque tokens and keys have the same prefixes but another length. */
const ID = /^([a-z]+_[0-9A-Za-z]{27}|(ak|mt|oat)_[0-9a-f]{32})$/
