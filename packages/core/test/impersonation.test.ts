import { describe, expect, test } from 'vitest'
import { unauthenticated, type Actor, type Auth } from '../src/auth/auth.js'
import { AuthError } from '../src/auth/errors.js'
import { impersonationOf } from '../src/auth/impersonation.js'
import { AUTHS } from './fixtures-machines.js'
import { session } from './fixtures-tokens.js'

const oauth = (actor: Actor | undefined): Auth => ({ ...AUTHS.oauth_token, userId: 'user_2a', actor })

describe('impersonationOf', () => {
  test.each<[string, Auth]>([
    ['a session', session({ act: { sub: 'user_support' } })],
    ['an OAuth token', oauth({ sub: 'user_support' })],
  ])('returns the actor and the user: %s', (_name, auth) => {
    expect(impersonationOf(auth)).toEqual({ userId: 'user_2a', actorId: 'user_support' })
  })

  test.each([{}, { sub: 5 }, { sub: null }, 'user_support', false, 0, []])(
    'reports an impersonation even if the claim does not name the actor: %j',
    (act) => {
      expect(impersonationOf(session({ act }))).toEqual({ userId: 'user_2a', actorId: null })
    },
  )

  test.each<[string, Auth]>([
    ['a user', session()],
    ['a user with an empty claim', session({ act: null })],
    ['an OAuth client', oauth(undefined)],
    ['a machine', { ...AUTHS.m2m_token, claims: { act: { sub: 'x' } } }],
    ['an unauthenticated caller', unauthenticated(new AuthError('credentials-missing'))],
  ])('reports none for %s', (_name, auth) => {
    expect(impersonationOf(auth)).toBeUndefined()
  })
})
