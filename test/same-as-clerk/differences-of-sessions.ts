import { verifyToken } from '@clerk/backend'
import { askOurs, KEYS, newOurs } from './both.js'
import { field, hasAnswer, orThrown, ourVerdict, thrown, verdict, type Difference } from './difference.js'
import { JWT_KEY, SECOND, sessionToken, templateToken, type Claims } from './tokens.js'

const API = 'https://api.example.com'

/** Required claims of a session token, and their values. */
const claims: readonly Difference[] = [
  verdict('A session token without `sid`', sessionToken({ sid: undefined })),
  verdict('A session token without `iss`', sessionToken({ iss: undefined })),
  verdict(
    'An `iss` other than the instance of `publishableKey`, if `issuer` is not set',
    sessionToken({ iss: 'https://other.example' }),
    { here: { publishableKey: KEYS.publishableKey, issuer: undefined } },
  ),
  verdict('A session token without `iat`', sessionToken({ iat: undefined })),
  verdict('An empty `sub`', sessionToken({ sub: '' })),
  verdict('A sender-constrained token: `cnf`', sessionToken({ cnf: { jkt: 'x' } })),
  verdict('`nbf` or `iat` of 0', [sessionToken({ nbf: 0 }), sessionToken({ iat: 0 })]),
  verdict('An `exp` later than a `Date` can be', sessionToken({ exp: 1e15 })),
  verdict('An `iat` or `nbf` after `exp`, within the skew', [
    sessionToken({ exp: SECOND, iat: SECOND + 2 }),
    sessionToken({ exp: SECOND, nbf: SECOND + 2 }),
  ]),
  verdict('No `aud`, if `audience` is set', sessionToken(), { audience: API }),
  verdict('An empty `aud`, if `audience` is set', [sessionToken({ aud: [] }), sessionToken({ aud: '' })], {
    audience: API,
  }),
  verdict(
    'An `aud` of values that are not strings, if `audience` is set',
    [sessionToken({ aud: [1] }), sessionToken({ aud: { 0: API } })],
    {
      audience: API,
    },
  ),
  {
    what: 'The result of `verifyToken()`',
    clerk: async () =>
      'sub' in (await verifyToken(sessionToken(), { jwtKey: JWT_KEY })) ? 'the claims' : 'something else',
    here: async () =>
      'sessionClaims' in (await newOurs().verifyToken(sessionToken())) ? 'the auth object' : 'something else',
  },
  {
    what: 'A token from a JWT template, passed to `verifyToken()`',
    clerk: async () => {
      const payload = await orThrown(() => verifyToken(templateToken(), { jwtKey: JWT_KEY }))
      return payload instanceof Error ? thrown(payload) : 'accepted'
    },
    here: async () => ourVerdict(await askOurs(templateToken())),
  },
  verdict('A token from a JWT template, if `jwt_template` is accepted', templateToken(), {
    clerk: { acceptsToken: ['session_token', 'jwt_template'] as 'session_token'[] },
    here: { acceptsToken: ['session_token', 'jwt_template'] },
  }),
  {
    what: 'An `iss` on a loopback host, with `NODE_ENV=production`',
    clerk: verdict('', sessionToken({ iss: 'http://127.0.0.1:4400' })).clerk,
    here: async () => {
      const token = sessionToken({ iss: 'http://127.0.0.1:4400' })
      return ourVerdict(await askOurs(token, {}, newOurs({ issuer: undefined }, { NODE_ENV: 'production' })))
    },
  },
]

const version1 = (claims: Claims) => sessionToken({ v: undefined, ...claims })
const version2 = (o: object, claims: Claims = {}) => sessionToken({ o, ...claims })

/** The contents of the auth object. */
const fields: readonly Difference[] = [
  field('A role without `org:`, in the first format', 'orgRole', version1({ org_id: 'org_2a', org_role: 'admin' })),
  field('A role with `org:`, in the second format', 'orgRole', version2({ id: 'org_2a', rol: 'org:admin' })),
  field('An organization without an id, in the second format', 'orgPermissions', version2({ rol: 'admin' })),
  field('A role without an organization, in the first format', 'orgRole', version1({ org_role: 'org:admin' })),
  field('An organization id that is not a string', 'orgId', version2({ id: 7 })),
  field('An organization slug that is not a string', 'orgSlug', version2({ id: 'org_2a', slg: 7 })),
  field('An empty organization slug', 'orgSlug', version2({ id: 'org_2a', slg: '' })),
  field(
    'Permissions that are not a list, in the first format',
    'orgPermissions',
    version1({ org_id: 'org_2a', org_permissions: 'org:a:read' }),
  ),
  field(
    'Permissions that are not strings, in the first format',
    'orgPermissions',
    version1({ org_id: 'org_2a', org_permissions: ['org:a:read', 7] }),
  ),
  field(
    'An entry of `fea` without a scope, with an active organization',
    'orgId',
    version2({ id: 'org_2a' }, { fea: 'a' }),
  ),
  field('An `fpm` or `per` that is not a string', 'orgId', [
    version2({ id: 'org_2a', per: 'read', fpm: 1 }, { fea: 'o:a' }),
    version2({ id: 'org_2a', per: ['read'], fpm: '1' }, { fea: 'o:a' }),
  ]),
  field('An `sts` that is neither `active` nor `pending`', 'sessionStatus', version1({ sts: 'paused' })),
  field('An `act` of `null`', 'actor', version1({ act: null })),
]

/** The results of `has()`. */
const answers: readonly Difference[] = [
  hasAnswer('`has()` with `null` or `undefined`', {}, null, undefined),
  hasAnswer(
    '`has()` with an empty name, which the token has',
    { v: undefined, org_id: 'org_2a', org_permissions: ['org:'] },
    { permission: '' },
  ),
  hasAnswer('`has()` with `org:`, if a feature is called `org`', { fea: 'o:org' }, { feature: 'org:' }),
  hasAnswer(
    '`has()` with `afterMinutes: Infinity`',
    { fva: [0, -1] },
    { reverification: { level: 'first_factor', afterMinutes: Number.POSITIVE_INFINITY } },
  ),
]

export const DIFFERENCES_OF_SESSIONS: readonly Difference[] = [...claims, ...fields, ...answers]
