import {
  checkRequirement,
  createClerkAuth,
  toChallenge,
  type AcceptsToken,
  type AuthSource,
  type ClerkAuthOptions,
  type Requirements,
  type TokenType,
} from '@clerk-auth/core'
import { answerOf, UNUSED_CALLERS, type AnyClerkAuth, type App } from '../../test/contract/app.js'
import { requirements } from '../../test/contract/requirements.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}

/** The routes of the contract without an adapter, as far as core alone can have them. */
export function coreApp({ clerk: [given = {}], seen = [], callers = UNUSED_CALLERS }: App) {
  const clerk = isInstance(given) ? given : createClerkAuth<AcceptsToken>(given, {})

  return async (source: AuthSource, path: string): Promise<Answer> => {
    const [, name = '', orgId] = path.split(/[/?]/)
    try {
      if (name === 'public' || name === 'health')
        return ok(answerOf(await clerk.authenticate(source, { acceptsToken: 'session_token' }), null))
      const requirement = requirementOf(name, orgId)
      if (!requirement) return { status: 404, headers: {}, body: {} }
      const auth = await clerk.authenticate(source, { acceptsToken: kindsOf(requirement) })
      const error = await checkRequirement(auth, requirement)
      if (!error && auth.isAuthenticated) return ok(answerOf(auth, 'a token'))
      return toChallenge(error!)
    } catch (error) {
      seen.push(error)
      return { status: 500, headers: { 'Content-Type': 'application/json' }, body: { handledBy: 'the application' } }
    }
  }

  function requirementOf(name: string, orgId: string | undefined): Requirements | undefined {
    if (name === 'me') return {}
    if (!Object.hasOwn(requirements, name) || orgId === undefined) return undefined
    return requirements[name as keyof typeof requirements](() => orgId, callers)
  }
}

function ok(body: object): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body }
}

function kindsOf(requirement: Requirements): AcceptsToken {
  const kinds = [requirement].flat().map(({ acceptsToken = 'session_token' }) => acceptsToken)
  return kinds.includes('any') ? 'any' : (kinds.flat() as TokenType[])
}

function isInstance(given: ClerkAuthOptions | AnyClerkAuth): given is AnyClerkAuth {
  return 'authenticate' in given
}
