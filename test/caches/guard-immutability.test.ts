import type { ClerkAuthOptions, Requirements } from '@clerk-auth/core'
import { guard, identify, type Refusal } from '@clerk-auth/core/adapter'
import { describe, expect, test } from 'vitest'
import { NOW, SECOND } from '../../packages/core/test/fixtures.js'
import { opaque, ORG } from '../../packages/core/test/fixtures-machines.js'
import { bearing, KEY, startInstance } from './instance.js'
import { objectsIn } from './object-graph.js'

/** A member of an organization, verified an hour ago. */
const MEMBER = KEY.token({
  exp: NOW / SECOND + 3600,
  v: 2,
  o: { id: ORG, rol: 'member', per: 'read', fpm: '1' },
  fea: 'o:invoices',
  fva: [60, 60],
})
const CLIENT = opaque('oauth_token')

type Guard = ReturnType<typeof guard<object>>

/** The outcome of a request: the code of the refusal, or `passed`. */
async function ask(check: Guard, token: string, options: ClerkAuthOptions = {}) {
  const { clerk } = startInstance(options)
  const request = {}
  await identify(request, bearing(token), clerk)
  const refusal = await check(request, request)
  return { refusal, outcome: refusal ? codeOf(refusal) : 'passed' }
}

function codeOf(refusal: Refusal): string {
  return refusal.answer ? (refusal.answer.body as { code: string }).code : refusal.error.code
}

/** Writes to everything it finds, to weaken the requirement. */
function weaken(root: object): void {
  for (const { object } of objectsIn(root)) {
    if (Array.isArray(object)) Reflect.set(object, 'length', 0)
    for (const [name, value] of Object.entries(object)) {
      if (typeof value === 'number') Reflect.set(object, name, Number.MAX_SAFE_INTEGER)
      if (name === 'level') Reflect.set(object, name, 'first_factor')
    }
  }
}

const refused: [code: string, requirement: Requirements<object>, token: string][] = [
  ['scope-missing', { acceptsToken: 'oauth_token', scope: ['invoices:write', 'admin'] }, CLIENT],
  ['reverification-required', { reverification: { level: 'second_factor', afterMinutes: 10 } }, MEMBER],
]

describe.each(refused)('a guard that refuses with %s', (code, requirement, token) => {
  test('requires the same as before, whatever an error handler writes to the error', async () => {
    const check = guard(requirement)
    for (let i = 0; i < 2; i++) {
      const { refusal, outcome } = await ask(check, token, { refusals: 'throw' })
      expect(outcome).toBe(code)
      weaken(refusal!)
    }
  })

  test('requires the same as before, whatever is written to the response', async () => {
    const check = guard(requirement)
    for (let i = 0; i < 2; i++) {
      const { refusal, outcome } = await ask(check, token)
      expect(outcome).toBe(code)
      weaken(refusal!)
    }
  })

  test('requires the same as before, whatever refusalBody writes to the error', async () => {
    const check = guard(requirement)
    const seen: string[] = []
    const refusalBody: NonNullable<ClerkAuthOptions['refusalBody']> = (error) => {
      seen.push(error.code)
      weaken({ error })
      return { code: error.code }
    }
    for (let i = 0; i < 2; i++) expect((await ask(check, token, { refusalBody })).outcome).toBe(code)
    expect(seen).toEqual([code, code])
  })
})

const declared: [code: string, requirement: Record<string, unknown>, token: string][] = [
  ['permission-missing', { permission: ['org:invoices:delete'] }, MEMBER],
  ['feature-missing', { feature: ['payouts'] }, MEMBER],
  ['plan-missing', { plan: ['enterprise'] }, MEMBER],
  ['role-missing', { role: ['org:admin'] }, MEMBER],
  ['scope-missing', { acceptsToken: ['oauth_token'], scope: ['admin'] }, CLIENT],
  ['reverification-required', { reverification: { level: 'second_factor', afterMinutes: 10 } }, MEMBER],
  ['token-type-mismatch', { acceptsToken: ['m2m_token'] }, MEMBER],
]

test.each(declared)(
  'a guard that refuses with %s keeps its declared requirement, even if the declaration is changed',
  async (code, requirement, token) => {
    const check = guard(requirement as Requirements<object>)
    weaken(requirement)
    for (const [name, value] of Object.entries(requirement)) {
      if (Array.isArray(value)) value.push('org:member', 'session_token', 'profile')
      Reflect.deleteProperty(requirement, name)
    }
    expect((await ask(check, token)).outcome).toBe(code)
  },
)
