import { describe, expect, it, onTestFinished } from 'vitest'
import { authOf, guard, identify, type Refusal } from '../src/adapter/index.js'
import type { Requirements } from '../src/guard/requirement.js'
import { createClerkAuth } from '../src/clerk-auth.js'
import { mcpAuthInfo, protectedResource, type ProtectedResourceOptions } from '../src/mcp/index.js'
import { issuerKey, NOW } from './fixtures.js'
import { CLIENT, fakeClerk, good, HERE, MACHINE, opaque, USER } from './fixtures-machines.js'
import { typeErrorOf } from './fixtures-tokens.js'

const RESOURCE = 'https://api.example.com/mcp'
const REFERENCE = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp"'
const ISSUER = 'https://clerk.example.com'
const OAUTH = { acceptsToken: 'oauth_token' } as const

const KEY = issuerKey()
const oauthJwt = (claims: object = { aud: RESOURCE }) =>
  KEY.token({ sub: USER, sid: undefined, client_id: CLIENT, scope: 'mcp:read', ...claims }, { typ: 'at+jwt' })

interface FakeRequest {
  readonly headers: Record<string, string>
}

function start() {
  const clerk = fakeClerk()
  const instance = createClerkAuth(
    {
      jwks: { keys: [KEY.jwk] },
      issuer: ISSUER,
      secretKey: 'sk_live_secret',
      machineId: HERE,
      acceptsToken: ['session_token', 'oauth_token'],
      now: () => NOW,
      fetch: clerk.fetch,
    },
    {},
  )
  onTestFinished(() => instance.close())
  return { instance, clerk }
}

interface Sent {
  readonly token?: string
  readonly origin?: string
  readonly path?: string
}

/** A request that has passed the middleware and these protected resources. */
async function arrived(
  resources: readonly Partial<ProtectedResourceOptions>[],
  { token, origin, path = '/mcp' }: Sent = {},
): Promise<FakeRequest> {
  const request = {
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(origin !== undefined && { origin }),
    },
  }
  await identify(request, request, start().instance)
  for (const one of resources)
    protectedResource({ resource: RESOURCE, scopes: ['mcp:read', 'mcp:write'], ...one }).enter(request, path)
  return request
}

async function refused(requirement: Requirements<any>, request: FakeRequest) {
  const refusal: Refusal | undefined = await guard<FakeRequest>(requirement)(request, request)
  if (!refusal?.answer) return undefined
  const { error } = refusal
  const { headers } = refusal.answer
  return { code: error.code, message: error.message, challenge: headers['WWW-Authenticate'] }
}

const codeOf = async (requirement: Requirements<any>, request: FakeRequest) =>
  (await refused(requirement, request))?.code

describe('the audience', () => {
  it.each([
    ['of this resource', { aud: RESOURCE }, undefined],
    ['of this resource among others', { aud: ['https://other.example', RESOURCE] }, undefined],
    ['of something else', { aud: 'https://other.example' }, 'token-invalid-audience'],
    ['of the origin', { aud: 'https://api.example.com' }, 'token-invalid-audience'],
    ['of nothing', {}, 'token-invalid-audience'],
    ['of an empty list', { aud: [] }, 'token-invalid-audience'],
  ])('%s', async (_, claims, code) => {
    const token = oauthJwt({ aud: undefined, ...claims })
    const request = await arrived([{}], { token })
    expect(authOf(request, OAUTH).isAuthenticated).toBe(code === undefined)
    expect(await codeOf(OAUTH, request)).toBe(code)
  })

  it.each([
    [{ clients: [CLIENT] }, {}, undefined],
    [{ clients: 'any' }, {}, undefined],
    [{ clients: ['client_other'] }, {}, 'token-invalid-audience'],
    [{ clients: [CLIENT] }, { aud: 'https://other.example' }, 'token-invalid-audience'],
    [{ clients: 'any' }, { aud: 'https://other.example' }, 'token-invalid-audience'],
  ] as const)('with %j, a token with %j', async (options, claims, code) => {
    const token = oauthJwt({ aud: undefined, ...claims })
    expect(await codeOf(OAUTH, await arrived([options], { token }))).toBe(code)
  })

  it.each(['https://api.example.com', 'https://api.example.com/'])(
    'of a resource without a path may be %s',
    async (aud) => {
      for (const resource of ['https://api.example.com', 'https://api.example.com/'])
        expect(await codeOf(OAUTH, await arrived([{ resource }], { token: oauthJwt({ aud }) }))).toBeUndefined()
    },
  )

  it('may be the URL as it was declared, or as it is parsed', async () => {
    const resource = 'https://API.example.com:443/mcp'
    for (const aud of [resource, RESOURCE])
      expect(await codeOf(OAUTH, await arrived([{ resource }], { token: oauthJwt({ aud }) }))).toBeUndefined()
  })

  it('is not reported by a guard that accepts no OAuth tokens', async () => {
    expect(await codeOf({}, await arrived([{}], { token: oauthJwt({ aud: 'https://other.example' }) }))).toBe(
      'token-type-mismatch',
    )
  })

  it('with a slash at the end is not that of a resource without one', async () => {
    expect(await codeOf(OAUTH, await arrived([{}], { token: oauthJwt({ aud: `${RESOURCE}/` }) }))).toBe(
      'token-invalid-audience',
    )
  })

  it('is explained to the operator', async () => {
    const messageFor = async (sent: Sent) => (await refused(OAUTH, await arrived([{}], sent)))?.message
    expect(await messageFor({ token: oauthJwt({}) })).toContain('the token has no audience, and "clients"')
    expect(await messageFor({ token: oauthJwt({ aud: 'https://other.example' }) })).toContain('does not contain')
    expect(await messageFor({ token: oauthJwt(), path: '/other' })).toContain('outside of every protected resource')
  })

  it('of a fresh token is checked again', async () => {
    const token = opaque('oauth_token')
    const outcome = async (second: object) => {
      const { instance, clerk } = start()
      const request = { headers: { authorization: `Bearer ${token}` } }
      const answers = [good('oauth_token', { aud: RESOURCE }), good('oauth_token', second)]
      clerk.answer(() => answers.shift()!)
      await identify(request, request, instance)
      protectedResource({ resource: RESOURCE, scopes: ['mcp:read'] }).enter(request, '/mcp')
      return codeOf({ ...OAUTH, fresh: true }, request)
    }
    expect(await outcome({ aud: RESOURCE })).toBeUndefined()
    expect(await outcome({ aud: 'https://other.example' })).toBe('token-invalid-audience')
  })

  it('does not concern sessions', async () => {
    for (const path of ['/mcp', '/other'])
      expect(await codeOf({}, await arrived([{}], { token: KEY.token(), path }))).toBeUndefined()
  })
})

describe('the origin', () => {
  it.each([
    [undefined, undefined],
    ['https://api.example.com', undefined],
    ['https://app.example.com', undefined],
    ['https://evil.example', 'origin-not-allowed'],
    ['null', 'origin-not-allowed'],
  ])('%s', async (origin, code) => {
    const sent = { token: oauthJwt(), ...(origin !== undefined && { origin }) }
    const request = await arrived([{ origins: ['https://app.example.com', 'https://other.example'] }], sent)
    expect(await codeOf(OAUTH, request)).toBe(code)
  })

  it('must be that of the resource, if the options name no others', async () => {
    const codeFrom = async (origin: string) => codeOf(OAUTH, await arrived([{}], { token: oauthJwt(), origin }))
    expect(await codeFrom('https://api.example.com')).toBeUndefined()
    expect(await codeFrom('https://evil.example')).toBe('origin-not-allowed')
  })

  it('may be any, if the options say so, and outside of the resource', async () => {
    const sent = { token: oauthJwt(), origin: 'https://evil.example' }
    expect(await codeOf(OAUTH, await arrived([{ origins: 'any' }], sent))).toBeUndefined()
    expect(await codeOf({}, await arrived([{}], { ...sent, token: KEY.token(), path: '/other' }))).toBeUndefined()
  })
})

describe('the resource of a request', () => {
  const nested = [{}, { resource: `${RESOURCE}/admin` }]
  it.each([
    ['/mcp', RESOURCE],
    ['/mcp/x', RESOURCE],
    ['/MCP', RESOURCE],
    ['/mcp/admin', `${RESOURCE}/admin`],
    ['/mcp/%41dmin/x', `${RESOURCE}/admin`],
    ['/mcpx', undefined],
    ['/', undefined],
    ['/x/mcp', undefined],
  ])('at %s is %s', async (path, resource) => {
    for (const resources of [nested, nested.toReversed()]) {
      const request = await arrived(resources, { token: oauthJwt({ aud: [RESOURCE, `${RESOURCE}/admin`] }), path })
      const check = guard<FakeRequest>(OAUTH)
      await check(request, request)
      const code = await codeOf(OAUTH, request)
      expect(code).toBe(resource ? undefined : 'token-invalid-audience')
      expect(code ? undefined : mcpAuthInfo(request, request, check).resource?.href).toBe(resource)
    }
  })

  it.each(['/mcp//admin', '/mcp/admin;x', '/mcp/%61dmin', '/mcp/ADMIN/x', '/mcp/admin%2Fx'])(
    'may be either of two at %s, so a token must be for both',
    async (path) => {
      const outcome = (resources: Parameters<typeof arrived>[0], aud: string | string[]) =>
        arrived(resources, { token: oauthJwt({ aud }), path }).then((request) => codeOf(OAUTH, request))
      for (const resources of [nested, nested.toReversed()]) {
        expect(await outcome(resources, `${RESOURCE}/admin`)).toBe('token-invalid-audience')
        expect(await outcome(resources, RESOURCE)).toBe('token-invalid-audience')
        expect(await outcome(resources, [RESOURCE, `${RESOURCE}/admin`])).toBeUndefined()
      }
    },
  )

  it('is the more specific one at its path as declared, so a token for that is enough', async () => {
    for (const resources of [nested, nested.toReversed()]) {
      const outcome = async (aud: string) =>
        codeOf(OAUTH, await arrived(resources, { token: oauthJwt({ aud }), path: '/mcp/admin' }))
      expect(await outcome(`${RESOURCE}/admin`)).toBeUndefined()
      expect(await outcome(RESOURCE)).toBe('token-invalid-audience')
    }
  })

  it('may be noted again behind a guard, and the ones around it, as by a guard of an outer scope', async () => {
    const path = '/mcp//admin'
    const request = await arrived(nested, { token: oauthJwt({ aud: [RESOURCE, `${RESOURCE}/admin`] }), path })
    expect(await codeOf(OAUTH, request)).toBeUndefined()
    for (const one of nested)
      protectedResource({ resource: RESOURCE, scopes: ['mcp:read'], ...one }).enter(request, path)
    protectedResource({ resource: 'https://api.example.com/other', scopes: ['mcp:read'] }).enter(request, path)
    expect(await codeOf(OAUTH, request)).toBeUndefined()
  })

  it.each([
    ['any', [], {}],
    ['a more specific', [{}], { resource: `${RESOURCE}/admin` }],
  ])('is not %s one behind a guard that accepts OAuth tokens', async (_name, before, late) => {
    const path = '/mcp/admin'
    const request = await arrived(before, { token: oauthJwt(), path })
    expect(await codeOf(OAUTH, request)).toBeUndefined()
    const resource = protectedResource({ resource: RESOURCE, scopes: ['mcp:read'], ...late })
    expect(typeErrorOf(() => resource.enter(request, path))).toContain('mount it before the guards')
  })

  it('is a TypeError if two hosts have one at the same path, unless it is outside of both', async () => {
    const resources = [{}, { resource: 'https://other.example/mcp' }]
    await expect(arrived(resources, { token: oauthJwt() })).rejects.toThrow(
      'two protected resources have the same path',
    )
    expect(await codeOf({}, await arrived(resources, { path: '/other' }))).toBe('credentials-missing')
  })

  it('may be mounted twice', async () => {
    expect(await codeOf(OAUTH, await arrived([{}, {}], { token: oauthJwt() }))).toBeUndefined()
  })

  it('is at another path, if the options say so', async () => {
    const options = [{ path: '/inner/' }]
    expect(await codeOf(OAUTH, await arrived(options, { token: oauthJwt(), path: '/inner/x' }))).toBeUndefined()
    expect(await codeOf(OAUTH, await arrived(options, { token: oauthJwt() }))).toBe('token-invalid-audience')
  })
})

describe('a challenge', () => {
  const challengeFor = async (requirement: Requirements<any>, sent: Sent = {}) =>
    (await refused(requirement, await arrived([{}], sent)))?.challenge

  it.each([
    ['the scopes of the guard', { ...OAUTH, scope: 'mcp:write' }, 'mcp:write'],
    ['those of the resource, if it has none', OAUTH, 'mcp:read mcp:write'],
    ['those of the first requirement for OAuth', [{}, { ...OAUTH, scope: 'a' }, { ...OAUTH, scope: 'b' }], 'a'],
    ['those of a guard for any kind', { acceptsToken: 'any', scope: ['a', 'b'] }, 'a b'],
  ])('without a token names %s', async (_, requirement, scopes) => {
    expect(await challengeFor(requirement as Requirements)).toBe(`Bearer realm="api", scope="${scopes}", ${REFERENCE}`)
  })

  it('names nothing if the guard accepts no OAuth tokens, and outside of the resource', async () => {
    expect(await challengeFor({})).toBe('Bearer realm="api"')
    expect(await challengeFor(OAUTH, { path: '/other' })).toBe('Bearer realm="api"')
  })

  it('to a token without a scope names the metadata, to an API key it does not', async () => {
    const requirement = { acceptsToken: ['oauth_token', 'api_key'], scope: 'other' } as const
    const insufficient = 'error="insufficient_scope", error_description="A scope is missing", scope="other"'
    expect(await challengeFor(requirement, { token: oauthJwt() })).toBe(
      `Bearer realm="api", ${insufficient}, ${REFERENCE}`,
    )
    expect(await challengeFor(requirement, { token: opaque('api_key') })).toBe('Bearer realm="api"')
  })

  it('to a client that is not allowed names nothing', async () => {
    const requirement = { ...OAUTH, client: 'client_other' }
    expect(await challengeFor(requirement, { token: oauthJwt() })).toBe('Bearer realm="api"')
  })
})

describe('the metadata', () => {
  const served = async (method: string, path: string) => {
    const resource = protectedResource({ resource: RESOURCE, scopes: ['mcp:read'] })
    const request = await arrived([])
    return resource.arrive(request, { method, path })
  }
  const WELL_KNOWN = '/.well-known/oauth-protected-resource'

  it.each([
    ['GET', WELL_KNOWN, 200],
    ['GET', `${WELL_KNOWN}/mcp`, 200],
    ['HEAD', `${WELL_KNOWN}/mcp`, 200],
    ['OPTIONS', `${WELL_KNOWN}/mcp`, 204],
    ['POST', `${WELL_KNOWN}/mcp`, undefined],
    ['GET', `${WELL_KNOWN}/other`, undefined],
    ['GET', '/mcp', undefined],
  ])('%s %s', async (method, path, status) => {
    expect((await served(method, path))?.status).toBe(status)
  })

  it('names the issuer, and is the same for a given instance', async () => {
    const answer = await served('GET', WELL_KNOWN)
    expect(answer?.body).toEqual({
      resource: RESOURCE,
      authorization_servers: [ISSUER],
      scopes_supported: ['mcp:read'],
      bearer_methods_supported: ['header'],
    })
    const resource = protectedResource({ resource: RESOURCE, scopes: ['mcp:read'] })
    expect(resource.metadata('GET', start().instance)).toEqual(answer)
  })

  it('has two places, or one if the resource has no path', () => {
    const pathsOf = (resource: string) => protectedResource({ resource, scopes: ['a'] }).metadataPaths
    expect(pathsOf(RESOURCE)).toEqual([`${WELL_KNOWN}/mcp`, WELL_KNOWN])
    for (const resource of ['https://api.example.com', 'https://api.example.com/'])
      expect(pathsOf(resource)).toEqual([WELL_KNOWN])
  })

  it('needs clerkAuth() first', () => {
    const resource = protectedResource({ resource: RESOURCE, scopes: ['mcp:read'] })
    for (const path of ['/mcp', WELL_KNOWN])
      expect(typeErrorOf(() => resource.arrive({}, { method: 'GET', path }))).toContain(
        'protectedResource() needs clerkAuth() to run first',
      )
  })
})

describe('the description of a caller', () => {
  const describeCaller = async (token: string, requirement: Requirements<any>, path?: string) => {
    const request = await arrived([{}], { token, ...(path !== undefined && { path }) })
    const check = guard<FakeRequest>(requirement)
    await check(request, request)
    return mcpAuthInfo(request, request, check)
  }

  it('has the client, the scopes and the expiry in seconds', async () => {
    const token = oauthJwt({ aud: RESOURCE, org_id: 'org_a' })
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number }
    expect(await describeCaller(token, OAUTH)).toEqual({
      token,
      clientId: CLIENT,
      scopes: ['mcp:read'],
      expiresAt: exp,
      resource: new URL(RESOURCE),
      resourceMetadataUrl: 'https://api.example.com/.well-known/oauth-protected-resource/mcp',
      extra: { tokenType: 'oauth_token', subject: USER, userId: USER, orgId: 'org_a' },
    })
  })

  it('of a key or a machine has what they have', async () => {
    const key = await describeCaller(opaque('api_key'), { acceptsToken: 'api_key' }, '/other')
    expect(key).toMatchObject({ scopes: ['deploy'], extra: { tokenType: 'api_key', userId: USER, orgId: null } })
    expect(key).not.toHaveProperty('resource')
    expect(await describeCaller(opaque('m2m_token'), { acceptsToken: 'm2m_token' })).toMatchObject({
      clientId: MACHINE,
      scopes: [],
      extra: { tokenType: 'm2m_token', subject: MACHINE, userId: null, orgId: null },
    })
  })

  it('has no resource if there is none', async () => {
    const request = await arrived([], { token: oauthJwt() })
    const check = guard<FakeRequest>(OAUTH)
    await check(request, request)
    expect(mcpAuthInfo(request, request, check)).not.toHaveProperty('resource')
  })

  it('has the resource of the second of two instances', async () => {
    const request = await arrived([], { token: oauthJwt() })
    const { instance } = start()
    await identify(request, request, instance)
    protectedResource({ resource: RESOURCE, scopes: ['mcp:read'] }).enter(request, '/mcp', instance)
    const check = guard<FakeRequest>(OAUTH, { clerkFor: () => instance })
    await check(request, request)
    expect(mcpAuthInfo(request, request, check).resource?.href).toBe(RESOURCE)
  })

  it('of a session is a TypeError', async () => {
    await expect(describeCaller(KEY.token(), {})).rejects.toThrow('accepts OAuth tokens, API keys or M2M tokens')
  })
})
