import type { AuthenticateRequestOptions } from '@clerk/backend/internal'
import type { LocalClerk } from '@clerk-auth/local'
import {
  askClerk,
  askOurs,
  ourTypeError,
  type ClerkAnswer,
  type OurAuth,
  type OurOptions,
  type SharedOptions,
} from './both.js'
import { sessionToken, type Claims } from './tokens.js'

/** One row of `docs/differences.md`: the answers of both, in the words of the page. */
export interface Difference {
  /** Its first cell. */
  readonly what: string
  /** Its second cell, as computed. */
  readonly clerk: (local: LocalClerk) => Answer
  /** Its third cell, as computed. */
  readonly here: (local: LocalClerk) => Answer
}

type Answer = string | Promise<string>

type Options = SharedOptions & { readonly clerk?: AuthenticateRequestOptions; readonly here?: OurOptions }

type Credential = string | Headers | Request

/** A credential for which the results differ, or several for which they are the same. */
export function verdict(
  what: string,
  credentials: Credential | readonly Credential[],
  { clerk, here, ...shared }: Options = {},
): Difference {
  const all = [credentials].flat()
  return {
    what,
    clerk: () =>
      inOne(all.map(async (one) => clerkVerdict(await orThrown(() => askClerk(one, { ...shared, ...clerk }))))),
    here: () => inOne(all.map(async (one) => ourVerdict(await askOurs(one, { ...shared, ...here })))),
  }
}

/** The answer, if all are the same; otherwise each of them. */
export async function inOne(answers: readonly Promise<string>[]): Promise<string> {
  return [...new Set(await Promise.all(answers))].join(' or ')
}

/** A token for which one field of the auth object differs. */
export function field(
  what: string,
  name: string,
  tokens: Credential | readonly Credential[],
  { clerk, here, ...shared }: Options = {},
): Difference {
  const all = [tokens].flat()
  const askBoth = {
    clerk: async (token: Credential) => {
      const auth = await orThrown(async () => (await askClerk(token, { ...shared, ...clerk })).auth())
      return auth instanceof Error ? thrown(auth) : fieldWords(name, auth[name])
    },
    here: async (token: Credential) => fieldWords(name, (await askOurs(token, { ...shared, ...here }))[name]),
  }
  return { what, clerk: () => inOne(all.map(askBoth.clerk)), here: () => inOne(all.map(askBoth.here)) }
}

/** Questions that `has()` answers differently. */
export function hasAnswer(what: string, claims: Claims, ...questions: unknown[]): Difference {
  const token = sessionToken(claims)
  const askBoth = {
    clerk: async (asked: unknown) => {
      const { auth } = await askClerk(token)
      const answer = await orThrown(async () => auth().has(asked))
      return answer instanceof Error ? thrown(answer) : `\`${answer}\``
    },
    here: async (asked: unknown) => `\`${(await askOurs(token)).has(asked as object)}\``,
  }
  return { what, clerk: () => inOne(questions.map(askBoth.clerk)), here: () => inOne(questions.map(askBoth.here)) }
}

/** An option whose value is refused at startup. */
export function option(what: string, options: object, claims: Claims = {}): Difference {
  return {
    what,
    clerk: async () => clerkVerdict(await askClerk(sessionToken(claims), options)),
    here: () => (ourTypeError(options) === undefined ? 'no error' : '`TypeError` at start'),
  }
}

export function clerkVerdict(answer: ClerkAnswer | Error): string {
  if (answer instanceof Error) return thrown(answer)
  if (answer.status === 'signed-in') return 'accepted'
  return `${answer.status === 'handshake' ? 'redirected' : 'refused'}: \`${answer.reason}\``
}

export function ourVerdict(auth: OurAuth): string {
  return auth.isAuthenticated ? 'accepted' : `${auth.error.status} \`${auth.error.code}\``
}

export function thrown(error: Error): string {
  return `throws \`${error.name}\``
}

export function fieldWords(name: string, value: unknown): string {
  return `\`${name}\` is \`${value === undefined ? 'undefined' : JSON.stringify(value)}\``
}

export async function orThrown<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}
