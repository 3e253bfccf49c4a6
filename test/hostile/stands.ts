import { inspect } from 'node:util'
import {
  AuthError,
  checkRequirement,
  createClerkAuth,
  toChallenge,
  type AcceptsToken,
  type Auth,
  type ClerkAuth,
  type ClerkAuthOptions,
} from '@clerk-auth/core'
import { answerOf, targets, type App } from '../contract/targets.js'
import type { Field, RequestCase, Sent } from './case.js'
import { exchange, type RawAnswer } from './exchange.js'
import { CALLERS, requirementAt, TWO_THINGS } from './guards.js'

/** Somewhere that a hostile request can be sent to: core, or an adapter behind a server. */
export interface Stand {
  readonly name: string
  /** Whether such a request can be made there at all. */
  readonly takes: (request: RequestCase) => boolean
  readonly open: (clerk: ClerkAuth<AcceptsToken>) => Promise<Open>
  /** Rejects with the `TypeError` with which an impossible configuration ends at start. Not everywhere is there a start. */
  readonly configure: ((app: App) => Promise<unknown>) | undefined
  /**
   * What the parser of HTTP before us does about characters that no header may hold: Node's refuses with a 400 of its
   * own, and that of HTTP/2 leaves the field out.
   */
  readonly parser: 'none' | 'refuses' | 'drops'
  /** Whether the token comes alone, without a header around it. */
  readonly bare: boolean
}

export interface Open {
  readonly ask: (request: RequestCase) => Promise<Answer>
  readonly close: () => Promise<void>
}

export interface Answer extends RawAnswer {
  /** What the operator is told: the error, with all that hangs on it. */
  readonly toldOperator: string
}

const isTwoThings = ({ to }: RequestCase) => Object.hasOwn(TWO_THINGS, to.split('/')[1] ?? '')

/** Whether the outcome is for us to decide, and not for a router or a parser. */
const isOurs = ({ outcome }: RequestCase) => !('never' in outcome || 'status' in outcome)

/** `authenticate()`, with the request as Node would hand it on. */
const core: Stand = {
  name: 'core',
  takes: isOurs,
  parser: 'none',
  bare: false,
  configure: async ({ clerk: [options] }) => void createClerkAuth(options as ClerkAuthOptions, {}),
  open: async (clerk) => ({
    ask: async (request) => {
      const acceptsToken = acceptedAt(request.to)
      const auth = await clerk.authenticate(sourceOf(request) as never, { acceptsToken })
      return answerTo(auth, request)
    },
    close: async () => clerk.close(),
  }),
}

/** `verifyToken()`. */
const coreAlone: Stand = {
  name: 'core, with the token alone',
  takes: (request) => isOurs(request) && ('token' in request.send || 'value' in request.send),
  parser: 'none',
  bare: true,
  configure: undefined,
  open: async (clerk) => ({
    ask: async (request) => {
      const { send } = request
      const token = ('token' in send ? send.token : (send as { value: unknown }).value) as string
      return clerk.verifyToken(token, { acceptsToken: acceptedAt(request.to) }).then(
        (auth) => answerTo(auth, request),
        (error: unknown) => refusalOf(error),
      )
    },
    close: async () => clerk.close(),
  }),
}

function acceptedAt(path: string): AcceptsToken {
  const requirement = requirementAt(path)
  return (
    (Array.isArray(requirement) ? undefined : (requirement as { acceptsToken?: AcceptsToken }).acceptsToken) ??
    'session_token'
  )
}

async function answerTo(auth: Auth, { to }: RequestCase): Promise<Answer> {
  const error = await checkRequirement(auth, requirementAt(to))
  if (error) return refusalOf(error)
  const fields: Field[] = [['Content-Type', 'application/json']]
  return { status: 200, fields, body: JSON.stringify(answerOf(auth, 'a token')), toldOperator: '' }
}

function refusalOf(error: unknown): Answer {
  if (!AuthError.is(error)) throw error
  const { status, headers, body } = toChallenge(error)
  const toldOperator = inspect(error, { depth: 10 }).replace(/^ +at .*$/gm, '') // where it was thrown says nothing
  return { status, fields: Object.entries(headers), body: JSON.stringify(body), toldOperator }
}

function sourceOf({ send, method }: RequestCase): unknown {
  if ('value' in send) return (name: string) => (name === 'authorization' ? send.value : undefined)
  const fields = fieldsOf(send)
  const headers: Record<string, string> = {}
  for (const [name, value] of fields) {
    const lower = name.toLowerCase()
    // As Node does: cookies are joined, of everything else that matters here the first one stays.
    if (lower === 'cookie' && lower in headers) headers[lower] += `; ${value}`
    else headers[lower] ??= value
  }
  return { method, headers, rawHeaders: fields.flat() }
}

export function fieldsOf(send: Exclude<Sent, { readonly value: unknown }>): readonly Field[] {
  if ('fields' in send) return send.fields
  return [['Authorization', 'token' in send ? `Bearer ${send.token}` : send.authorization]]
}

const overHttp = targets.map((target): Stand => ({
  name: target.name,
  takes: (request) => !('value' in request.send) && !isTwoThings(request),
  parser: 'refuses',
  bare: false,
  configure: target.serve,
  open: async (clerk) => {
    const { url, close } = await target.serve({ clerk: [clerk], callers: CALLERS })
    return {
      ask: async ({ send, method, to, body }) => {
        const fields = fieldsOf(send as Exclude<Sent, { readonly value: unknown }>)
        return { ...(await exchange(url, { method, path: to, fields, body })), toldOperator: '' }
      },
      close: async () => {
        await close()
        clerk.close()
      },
    }
  },
}))

export const stands: readonly Stand[] = [core, coreAlone, ...overHttp]
