import type { BadToken } from '../bad-tokens/bad-token.js'
import type { LocalClerk } from '../local-clerk.js'
import type { Seed } from '../seed/seed.js'
import type { TokenKind } from '../tokens/token-kind.js'
import type { Route } from './route.js'

/** Bad tokens that any guard of a route must refuse. */
export type BadTokensFor = (route: Route) => Promise<readonly BadToken[]>

export function badTokensOf(local: LocalClerk<Seed>): BadTokensFor {
  const byKind = new Map<TokenKind, Promise<readonly BadToken[]>>()
  const ofKind = (kind: TokenKind) => {
    const tokens = byKind.get(kind) ?? local.badTokens({ acceptsToken: kind })
    byKind.set(kind, tokens)
    return tokens
  }
  return async (route) => {
    const kinds = kindsOf(route)
    const tokens = (await Promise.all(kinds.map(ofKind))).flat()
    // What is only of the wrong kind for one guard may be right for another.
    const isCertain = kinds.length === 1 && route.uncertain === undefined
    return isCertain ? tokens : tokens.filter(({ code }) => code !== 'token-type-mismatch')
  }
}

/** Where guards are hidden, they probably accept session tokens. */
function kindsOf({ guards, uncertain }: Route): readonly TokenKind[] {
  const kinds = guards.flatMap((guard) =>
    guard.isPublic ? [] : guard.requirements.flatMap(({ acceptsToken }) => acceptsToken),
  )
  return [...new Set([...kinds, ...(uncertain === undefined ? [] : ['session_token'])])] as TokenKind[]
}
