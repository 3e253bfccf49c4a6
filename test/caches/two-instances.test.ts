import type { ClerkAuthOptions } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { ISSUER, issuerKey, NOW, SECOND } from '../../packages/core/test/fixtures.js'
import {
  good,
  HERE,
  MACHINE,
  opaque,
  OTHER_MACHINE,
  unknownToken,
  USER,
} from '../../packages/core/test/fixtures-machines.js'
import { KEY, startInstance, type Instance } from './instance.js'

const SECONDS = NOW / SECOND
const APP = 'https://app.example.com'
const SAME_NAME = issuerKey(KEY.kid)

const session = KEY.token({ aud: 'api' })
const pending = KEY.token({ sts: 'pending' })
const lateSession = KEY.token({ iat: SECONDS - 90, nbf: SECONDS - 90, exp: SECONDS - 30 })
const machine = KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE })
const client = KEY.token({ sub: USER, sid: undefined, client_id: 'client_1', aud: 'api' }, { typ: 'at+jwt' })
const template = KEY.token({ sid: undefined, aud: 'api' })

interface Difference {
  readonly what: string
  readonly token: string
  /** One instance that accepts the token, and one that does not. */
  readonly accepting?: ClerkAuthOptions
  readonly refusing: ClerkAuthOptions
  readonly code: string
  readonly arrange?: (accepting: Instance, refusing: Instance) => void
}

const expectsAnotherParty = { authorizedParties: ['https://other.example'] }
const isAnotherMachine = { machineId: OTHER_MACHINE }

const DIFFERENCES: readonly Difference[] = [
  { what: 'issuer', token: session, refusing: { issuer: `${ISSUER}/` }, code: 'token-invalid-issuer' },
  { what: 'audience', token: session, refusing: { audience: 'other' }, code: 'token-invalid-audience' },
  { what: 'audience, of a client', token: client, refusing: { audience: 'other' }, code: 'token-invalid-audience' },
  { what: 'audience, of a template', token: template, refusing: { audience: 'other' }, code: 'token-invalid-audience' },
  {
    what: 'authorizedParties',
    token: session,
    accepting: { authorizedParties: [APP] },
    refusing: expectsAnotherParty,
    code: 'token-invalid-authorized-parties',
  },
  {
    what: 'missingAzp',
    token: KEY.token({ azp: undefined }),
    accepting: { authorizedParties: [APP], missingAzp: 'allow' },
    refusing: { authorizedParties: [APP] },
    code: 'token-invalid-authorized-parties',
  },
  { what: 'machineId', token: machine, refusing: isAnotherMachine, code: 'machine-out-of-scope' },
  {
    what: 'machineId, any',
    token: KEY.token({ sub: MACHINE, sid: undefined, scopes: 'mch_elsewhere' }),
    accepting: { machineId: 'any' },
    refusing: {},
    code: 'machine-out-of-scope',
  },
  {
    what: 'machineId, of an opaque token',
    token: opaque('m2m_token'),
    refusing: { machineId: `mch_${'z'.repeat(27)}` },
    code: 'machine-out-of-scope',
  },
  {
    what: 'audience, of an opaque token',
    token: opaque('oauth_token'),
    accepting: { audience: 'api' },
    refusing: { audience: 'other' },
    code: 'token-invalid-audience',
    arrange: (...both) => both.forEach(({ network }) => network.answer(() => good('oauth_token', { aud: 'api' }))),
  },
  {
    what: 'treatPendingAsSignedOut',
    token: pending,
    accepting: { treatPendingAsSignedOut: false },
    refusing: {},
    code: 'session-pending',
  },
  {
    what: 'clockSkewInMs',
    token: lateSession,
    accepting: { clockSkewInMs: 60_000 },
    refusing: {},
    code: 'token-expired',
  },
  {
    what: 'key set, with a key of the same kid',
    token: session,
    refusing: {},
    code: 'token-invalid-signature',
    arrange: (_accepting, { issuer }) => issuer.publish([SAME_NAME.jwk]),
  },
  { what: 'jwks', token: session, refusing: { jwks: { keys: [SAME_NAME.jwk] } }, code: 'token-invalid-signature' },
  {
    what: 'jwtKey',
    token: session,
    accepting: { jwtKey: JSON.stringify(KEY.jwk) },
    refusing: { jwtKey: JSON.stringify(SAME_NAME.jwk) },
    code: 'token-invalid-signature',
  },
  {
    what: 'secretKey, of an instance of Clerk that does not know the token',
    token: opaque('api_key'),
    refusing: { secretKey: 'sk_live_other' },
    code: 'token-not-found',
    arrange: (_accepting, { network }) => network.answer(unknownToken),
  },
]

describe.each(DIFFERENCES.map((difference) => [difference.what, difference] as const))(
  'two instances in one process that differ by %s',
  (_what, { token, accepting = {}, refusing, code, arrange = () => {} }) => {
    function start() {
      const both = [startInstance(accepting), startInstance(refusing)] as const
      arrange(...both)
      return both
    }

    test('have separate results, whichever is called first', async () => {
      for (const order of [
        [0, 1, 0, 1],
        [1, 0, 1, 0],
      ]) {
        const both = start()
        for (const i of order) expect([i, await both[i]!.outcomeOf(token)]).toEqual([i, i === 0 ? 'passed' : code])
      }
    })

    test('have separate results when both are called concurrently', async () => {
      const both = start()
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => both[i % 2]!.outcomeOf(token)))
      expect(outcomes).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 'passed' : code)))
    })

    test('do not share forget()', async () => {
      const [first, second] = start()
      await first.outcomeOf(token)
      await second.outcomeOf(token)
      const before = first.clerk.stats()
      second.clerk.forget('all')
      second.clerk.close()
      expect(first.clerk.stats()).toEqual(before)
      expect(await first.outcomeOf(token)).toBe('passed')
    })
  },
)
