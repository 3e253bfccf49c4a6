import type { Answer } from './answer.js'

/** A request that the instance had, and what became of it. No header, query or body is kept, and no token or secret. */
export interface LoggedRequest {
  /** milliseconds since the epoch, of the machine and not of the instance's clock */
  readonly at: number
  readonly method: string
  /** parts that are neither words nor ids are `…` */
  readonly path: string
  /** `null`: there is none at this address, or none that Clerk's specification names */
  readonly operation: string | null
  /** `null`: it has not been answered, or never will be, as a fault hangs */
  readonly status: number | null
  /** code of the error that was answered */
  readonly code: string | null
  /** whether a fault had a hand in it */
  readonly isFaulty: boolean
  /** milliseconds until the answer */
  readonly tookInMs: number | null
}

/** What is told about a request while it is answered. */
export interface Visit {
  readonly disturbed: () => void
  readonly answered: (answer: Answer) => void
}

export interface RequestLog {
  readonly enter: (method: string, path: string, operation: string | null) => Visit
  /** newest first */
  readonly latest: () => readonly LoggedRequest[]
  readonly reset: () => void
}

const MAX_REQUESTS = 200

/** Remembers the last requests, but not those to the paths of the instance itself. */
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
        disturbed: () => void (entry.isFaulty = true),
        answered({ status, body }) {
          entry.status = status
          entry.code = typeof body === 'string' ? null : body.code
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

const UNSEEN: Visit = { disturbed: () => {}, answered: () => {} }

/** Whoever takes a path for the place of a token or a secret should not find it in the log. */
function redact(path: string): string {
  return path.split('/').map(redactPart).join('/')
}

function redactPart(part: string): string {
  return WORD.test(part) || ID.test(part) ? part : '…'
}

/** `v1`, `m2m_tokens`, `.well-known`, `jwks.json`; nothing that begins as a secret or a token does. */
const WORD = /^(?!(ak|mt|oat|sk|pk)_)([a-z0-9]{1,12}|\.well-known|[a-z]+(_[a-z0-9]+)*|[a-z]+\.json|)$/

/** Opaque tokens and keys have another length behind the same prefixes. */
const ID = /^([a-z]+_[0-9A-Za-z]{27}|(ak|mt|oat)_[0-9a-f]{32})$/
