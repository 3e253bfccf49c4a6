/** The kinds that a JWT can declare. */
export type ModelKind = 'session_token' | 'm2m_token' | 'oauth_token' | 'jwt_template'

type Json = Readonly<Record<string, unknown>>

export const CATEGORIES: Readonly<Record<string, ModelKind | 'says nothing'>> = {
  cl_B7d4PD111AAA: 'session_token',
  cl_B7d4PD222AAA: 'jwt_template',
  cl_B7d4PD333AAA: 'm2m_token',
  cl_I7d4PD111III: 'says nothing',
}

/**
 * A model of how kinds are distinguished, for comparison. It shares no code with the implementation. @returns
 * `undefined` if the signals disagree, or one of them is unknown
 */
export function modelKindOf(header: Json, claims: Json): ModelKind | undefined {
  const { typ = 'jwt', cat } = header
  const { sub } = claims
  if (typeof typ !== 'string' || !/^(application\/)?(at\+)?jwt$/i.test(typ)) return undefined
  if (cat !== undefined && typeof cat !== 'string') return undefined

  const isOAuth = /at\+jwt$/i.test(typ)
  const isMachine = typeof sub === 'string' && sub.slice(0, 4) === 'mch_'
  const category = cat === undefined ? 'says nothing' : Object.entries(CATEGORIES).find(([name]) => name === cat)?.[1]

  const votes = new Set<ModelKind>()
  if (isOAuth) votes.add('oauth_token')
  if (isMachine) votes.add('m2m_token')
  if (category !== undefined && category !== 'says nothing') votes.add(category)
  if (votes.size > 1) return undefined

  const [vote] = votes
  if (vote === 'oauth_token') return vote // Clerk may give these a category that is not yet known
  if (category === undefined) return undefined
  if (vote === 'm2m_token') return isMachine ? vote : undefined
  return vote ?? ('sid' in claims ? 'session_token' : 'jwt_template')
}
