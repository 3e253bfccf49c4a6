import assert from 'node:assert/strict'
import { checkRequirement, createClerkAuth } from '@clerk-auth/core'
import { answerOf, checkRefusal, claimsOf, hasDuplicateMember, parsed, partsOf, subjectIn } from './judge.js'
import { GOOD, HERE, JWK, NOW, signed } from './issuer.js'

/**
 * A function that receives untrusted input. Inputs are bytes, as characters up to 255.
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {readonly string[]} seeds
 * @property {(input: string) => Promise<string>} run returns the result: a code, or `passed`. Throws if it is not an
 * expected one
 */

const ALL = /** @type {const} */ (['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'])
const PARTIES = ['https://app.example.com']
const small = { now: () => NOW, machineId: HERE, cache: { maxEntries: 8 } }
const clerk = createClerkAuth({ ...small, jwks: { keys: [JWK] }, authorizedParties: PARTIES, cookies: true }, {})
const TOKENS = GOOD.map(signed)

/** @type {readonly Target[]} */
export const TARGETS = [
  {
    name: 'token',
    seeds: [...TOKENS, 'mt_0123456789abcdef', 'oat_0123456789abcdef', 'ak_0123456789abcdef'],
    run: async (input) => {
      const { auth, answer } = await answerOf(clerk.verifyToken(input, { acceptsToken: ALL }))
      if (auth) assert.ok(TOKENS.includes(input), 'accepts a token that was not signed')
      return answer
    },
  },
  {
    name: 'request',
    seeds: TOKENS.flatMap((token) => [
      `GET\nAuthorization: Bearer ${token}`,
      `POST\nCookie: a=b; __session=${token}\nOrigin: https://app.example.com`,
    ]),
    run: async (input) => {
      const [method = '', ...lines] = input.split('\n')
      const fields = lines.map(
        (line) => /** @type {const} */ ([line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: ?/, '')]),
      )
      const source = { method, headers: Object.fromEntries(fields), rawHeaders: fields.flat() }
      const auth = await clerk.authenticate(source, { acceptsToken: ALL })
      if (!auth.isAuthenticated) return checkRefusal(auth.error)
      const isTheirs = (/** @type {string} */ token) => claimsOf(token)['sub'] === subjectIn(auth)
      assert.ok(
        TOKENS.some((token) => input.includes(token) && isTheirs(token)),
        'returns a caller whose token was not sent',
      )
      return 'passed'
    },
  },
  {
    name: 'signed',
    seeds: GOOD,
    run: async (input) => {
      const token = signed(input)
      const { auth, answer } = await answerOf(clerk.verifyToken(token, { acceptsToken: ALL }))
      if (!auth) return answer
      assert.ok(!partsOf(token).some(hasDuplicateMember), 'accepts a duplicate member')
      const { sub, exp, iss, azp } = claimsOf(token)
      assert.equal(subjectIn(auth), sub)
      assert.equal(typeof iss, 'string')
      assert.ok(Number(exp) * 1000 > NOW - 5000, 'accepts an expired token')
      const hasOrigin = auth.tokenType === 'session_token' || auth.tokenType === 'jwt_template'
      if (hasOrigin) assert.ok(PARTIES.includes(String(azp)), 'accepts a token of an unauthorized party')
      assert.ok(Object.isFrozen(auth))
      return answer
    },
  },
  {
    name: 'key set',
    seeds: [
      JSON.stringify({ keys: [JWK] }),
      JSON.stringify({
        keys: [
          { ...JWK, use: 'sig', alg: 'EdDSA', key_ops: ['verify'] },
          { kty: 'oct', k: 'AA', kid: 'a' },
        ],
      }),
      JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'b', x: 'A'.repeat(43), y: 'A'.repeat(43) }] }),
      JSON.stringify({ keys: [{ kty: 'RSA', kid: 'c', n: `_${'A'.repeat(341)}`, e: 'AQAB' }] }),
    ],
    run: async (input) => {
      const fetch = async () => new Response(Buffer.from(input, 'latin1'))
      const remote = createClerkAuth({ ...small, frontendApiUrl: 'https://clerk.example.com', fetch }, {})
      const { auth, answer } = await answerOf(remote.verifyToken(TOKENS[0] ?? ''))
      remote.close()
      // The key may contain escapes.
      const isThere = (JSON.stringify(parsed(input)) ?? '').includes(JWK.x ?? '')
      if (auth) assert.ok(isThere, 'verifies with a key that is not in the set')
      return answer
    },
  },
  {
    name: 'response of Clerk',
    seeds: ['mt', 'oat', 'ak'].flatMap((prefix) => [
      `${prefix}_0123456789abcdef\n200\n${JSON.stringify(answerAbout(prefix))}`,
      `${prefix}_0123456789abcdef\n404\n{"errors":[{"code":"resource_not_found","message":"x"}]}`,
    ]),
    run: async (input) => {
      const [token = '', line = '', ...body] = input.split('\n')
      const status = Math.min(599, Math.max(200, Number.parseInt(line, 10) || 200))
      const text = [204, 205, 304].includes(status) ? null : Buffer.from(body.join('\n'), 'latin1')
      const fetch = async () => new Response(text, { status, headers: { 'retry-after': line } })
      const remote = createClerkAuth({ ...small, secretKey: 'sk_test_1', remote: { retries: 0 }, fetch }, {})
      const asked = remote.verifyToken(token, { acceptsToken: ['m2m_token', 'oauth_token', 'api_key'] })
      const { auth, answer } = await answerOf(asked)
      remote.close()
      if (!auth) return answer
      const { revoked, expired, subject } = parsed(body.join('\n'))
      assert.deepEqual([status, revoked, expired, subject], [200, false, false, subjectIn(auth)])
      assert.ok(auth.expiresAt === null || auth.expiresAt > NOW, 'accepts an expired token')
      return answer
    },
  },
  {
    name: 'requirement',
    seeds: [
      '{"role":["admin","owner"],"permission":"org:a:read","org":true}',
      '[{"feature":"a","plan":["org:pro"],"reverification":"strict"},{"acceptsToken":"m2m_token","machine":"mch_000000000000000000000000001"}]',
      '{"acceptsToken":["oauth_token","api_key"],"scope":"a b","client":["client_1"],"impersonation":"deny"}',
      '{"acceptsToken":"any","reverification":{"level":"multi_factor","afterMinutes":5}}',
    ],
    run: async (input) => {
      const requirement = parsed(input)
      if (requirement === undefined) return 'not JSON'
      try {
        const unauthenticated = await clerk.authenticate(() => undefined)
        assert.ok(checkRequirement(unauthenticated, requirement), 'accepts an unauthenticated caller')
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        assert.match(error.message, /^(unknown )?requirement "|^a (list of )?requirements? must/)
        return 'TypeError'
      }
      for (const token of TOKENS) {
        const caller = await clerk.verifyToken(token, { acceptsToken: ALL })
        const error = await checkRequirement(caller, requirement)
        if (error) checkRefusal(error)
      }
      return 'a guard'
    },
  },
]

/** @param {string} prefix */
function answerAbout(prefix) {
  const object = { mt: 'machine_to_machine_token', oat: 'clerk_idp_oauth_access_token', ak: 'api_key' }[prefix]
  const subject = `${prefix === 'mt' ? 'mch' : 'user'}_${'u'.repeat(27)}`
  const who = { object, id: `${prefix}_${'0'.repeat(32)}`, subject, client_id: 'client_1', name: 'x' }
  return { ...who, claims: null, scopes: [HERE], revoked: false, expired: false, expiration: NOW + 60_000 }
}
