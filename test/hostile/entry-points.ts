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
import { answerOf, hasAdapter, targets, type App } from '../contract/targets.js'
import type { Field, RequestCase, Sent } from './case.js'
import { exchange, type RawAnswer } from './exchange.js'
import { CALLERS, requirementAt, TWO_REQUIREMENTS } from './guards.js'

/** Where a hostile request can be sent: core, or an adapter behind a server. */
export interface EntryPoint {
  readonly name: string
  /** Whether this entry point can receive such a request. */
  readonly takes: (request: RequestCase) => boolean
  readonly open: (clerk: ClerkAuth<AcceptsToken>) => Promise<Open>
  /** Rejects with the `TypeError` of an invalid configuration. `undefined` if the entry point has no start of its own. */
  readonly configure: ((app: App) => Promise<unknown>) | undefined
  /**
   * What the HTTP parser does with characters that are not allowed in a header: Node's HTTP/1 parser responds with 400,
   * its HTTP/2 parser drops the field. Other runtimes refuse the request in either way.
   */
  readonly parser: 'none' | 'refuses' | 'drops' | 'other'
  /** Whether an adapter guards the routes: it emits an event for each refusal. */
  readonly hasAdapter: boolean
  /** Whether it receives the token without a header. */
  readonly bare: boolean
}

export interface Open {
  readonly ask: (request: RequestCase) => Promise<Answer>
  readonly close: () => Promise<void>
}

export interface Answer extends RawAnswer {
  /** The inspected error with all its properties, as an operator would log it. */
  readonly loggedError: string
}

const hasTwoRequirements = ({ to }: RequestCase) => Object.hasOwn(TWO_REQUIREMENTS, to.split('/')[1] ?? '')

/** Whether we decide the outcome, not a router or a parser. */
const isOurs = ({ outcome }: RequestCase) => !('never' in outcome || 'status' in outcome)

/** `authenticate()`, with the request as Node would pass it on. */
const core: EntryPoint = {
  name: 'core',
  takes: isOurs,
  parser: 'none',
  hasAdapter: false,
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
const coreTokenOnly: EntryPoint = {
  name: 'core, with only the token',
  takes: (request) => isOurs(request) && ('token' in request.send || 'value' in request.send),
  parser: 'none',
  hasAdapter: false,
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
  return { status: 200, fields, body: JSON.stringify(answerOf(auth, 'a token')), loggedError: '' }
}

function refusalOf(error: unknown): Answer {
  if (!AuthError.is(error)) throw error
  const { status, headers, body } = toChallenge(error)
  const loggedError = inspect(error, { depth: 10 }).replace(/^ +at .*$/gm, '') // the stack is not part of the message
  return { status, fields: Object.entries(headers), body: JSON.stringify(body), loggedError }
}

function sourceOf({ send, method }: RequestCase): unknown {
  if ('value' in send) return (name: string) => (name === 'authorization' ? send.value : undefined)
  const fields = fieldsOf(send)
  const headers: Record<string, string> = {}
  for (const [name, value] of fields) {
    const lower = name.toLowerCase()
    // As Node does: cookies are joined; for the other headers used here, the first one wins.
    if (lower === 'cookie' && lower in headers) headers[lower] += `; ${value}`
    else headers[lower] ??= value
  }
  return { method, headers, rawHeaders: fields.flat() }
}

export function fieldsOf(send: Exclude<Sent, { readonly value: unknown }>): readonly Field[] {
  if ('fields' in send) return send.fields
  return [['Authorization', 'token' in send ? `Bearer ${send.token}` : send.authorization]]
}

export const overHttp = targets.map((target): EntryPoint => ({
  name: target.name,
  takes: (request) =>
    !('value' in request.send) && !hasTwoRequirements(request) && (hasAdapter(target) || isOurs(request)),
  parser: 'refuses',
  hasAdapter: hasAdapter(target),
  bare: false,
  configure: target.serve,
  open: async (clerk) => {
    const { url, close } = await target.serve({ clerk: [clerk], callers: CALLERS })
    return {
      ask: async ({ send, method, to, body }) => {
        const fields = fieldsOf(send as Exclude<Sent, { readonly value: unknown }>)
        return { ...(await exchange(url, { method, path: to, fields, body })), loggedError: '' }
      },
      close: async () => {
        await close()
        clerk.close()
      },
    }
  },
}))

export const entryPoints: readonly EntryPoint[] = [core, coreTokenOnly, ...overHttp]
