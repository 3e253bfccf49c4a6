import { clerkAuth, isPublic, requireAuth, type Requirement } from '@clerk-auth/express'
import express from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalClerk, type LocalClerk, type Seed } from '../../src/index.js'
import type { CheckResult } from '../../src/routes/check-routes.js'
import { parameterValues } from '../../src/routes/params-file.js'
import type { Description } from '../../src/routes/route.js'
import { start } from '../start.js'
import { check, checkServed, listingOf, marker, optionsOf, route, serve } from './served.js'

const lines = ({ findings }: CheckResult) => findings.map(({ route, text }) => `${route}: ${text}`)
const cells = ({ matrix }: CheckResult, label: string) =>
  Object.fromEntries(matrix.rows.find(({ route }) => route === label)?.cells ?? [])

/** The description of a guard that the application does not have. */
function guard(requirement: Record<string, unknown>): Description {
  return { isPublic: false, requirements: [{ acceptsToken: ['session_token'], ...requirement }] }
}

const signedIn = guard({})
const answers =
  (status: number, body: object = {}): express.RequestHandler =>
  (_req, res) =>
    void res.status(status).json(body)
/** Guards, but not as it is listed. */
const hidden = (requirement: Requirement = {}): express.RequestHandler => {
  const guard = requireAuth(requirement)
  return (req, res, next) => guard(req, res, next)
}

describe('an application whose guards do what they say', () => {
  test('has no findings, and everyone is where the guards let them', async () => {
    const checked = await check([
      route('GET /health', isPublic()),
      route('GET /:owner/:repository', isPublic()),
      route('GET /me', requireAuth()),
      route('POST /invoices', requireAuth({ role: 'org:admin' })),
      route('GET /orgs/:orgId/invoices', requireAuth({ org: (req) => req.params['orgId'] })),
      route('POST /jobs', requireAuth({ acceptsToken: 'm2m_token' })),
      route('GET /partners', requireAuth({ acceptsToken: ['oauth_token', 'api_key'], scope: 'invoices:read' })),
      route('GET /transfers', requireAuth({ fresh: true })),
      route('GET /acme', requireAuth([{ role: 'org:admin', check: (auth) => auth.orgSlug === 'acme' }])),
      route('GET /twice', requireAuth(), requireAuth({ role: 'org:admin' })),
      route('GET /reports', requireAuth({ acceptsToken: 'jwt_template' })),
      route('GET /machines', requireAuth({ acceptsToken: ['session_token', 'm2m_token'] })),
    ])
    expect(lines(checked)).toEqual([])
    const [alice, bob, carol, dave] = [
      'alice (org:admin of acme)',
      'bob (org:member of acme)',
      'carol (org:admin of globex)',
      'dave (no organization)',
    ]
    const passes = 'passes'
    expect(cells(checked, 'GET /health')).toMatchObject({
      anonymous: passes,
      [dave]: passes,
      'worker (machine)': passes,
    })
    expect(cells(checked, 'GET /me')).toMatchObject({
      anonymous: 'credentials-missing',
      [dave]: passes,
      'worker (machine)': 'token-type-mismatch',
      'cli (OAuth client of alice)': 'token-type-mismatch',
      'alice (API key)': 'token-type-mismatch',
    })
    expect(cells(checked, 'POST /invoices')).toMatchObject({ [alice]: passes, [bob]: 'role-missing', [carol]: passes })
    expect(cells(checked, 'GET /orgs/:orgId/invoices')).toMatchObject({ [bob]: passes, [dave]: 'org-missing' })
    expect(cells(checked, 'POST /jobs')).toMatchObject({
      'worker (machine)': passes,
      'billing (machine)': 'machine-out-of-scope',
      [alice]: 'token-type-mismatch',
    })
    expect(cells(checked, 'GET /partners')).toMatchObject({
      'partner (OAuth client of alice)': 'scope-missing',
      'partner (OAuth client of alice, all scopes)': passes,
      'alice (API key)': 'scope-missing',
      'alice (API key, all scopes)': passes,
    })
    expect(cells(checked, 'GET /transfers')).toMatchObject({ [bob]: passes })
    expect(cells(checked, 'GET /acme')).toMatchObject({
      [alice]: passes,
      [bob]: 'role-missing',
      [carol]: 'check-failed',
    })
    expect(cells(checked, 'GET /twice')).toMatchObject({ [alice]: passes, [bob]: 'role-missing' })
    expect(cells(checked, 'GET /reports')).toMatchObject({ 'alice (JWT template)': passes })
  }, 60_000)

  test('is asked as each person in each of their organizations, and as the personas of the seed', async () => {
    const seed = {
      organizations: { initech: { name: 'Initech' }, hooli: { name: 'Hooli' } },
      people: {
        peter: {
          firstName: 'Peter',
          email: 'peter@initech.example',
          memberships: { initech: 'org:member', hooli: 'org:admin' },
          defaultOrganization: 'initech',
        },
        milton: { firstName: 'Milton', email: 'milton@initech.example', memberships: { hooli: 'org:member' } },
      },
      personas: { 'peter, as milton': { sessionToken: { user: 'milton', actor: 'peter' } } },
    } satisfies Seed
    const checked = await check([route('GET /account', requireAuth({ impersonation: 'deny' }))], {
      seed,
      personas: seed.personas,
    })
    expect(lines(checked)).toEqual([])
    expect(cells(checked, 'GET /account')).toMatchObject({
      'peter (org:member of initech)': 'passes',
      'peter (org:admin of hooli)': 'passes',
      'milton (no organization)': 'passes',
      'milton (org:member of hooli)': 'passes',
      'peter, as milton': 'impersonation-denied',
    })
  })

  test('is asked again when a guard may not ask Clerk for a moment', async () => {
    // The first requests find out whether the application uses the instance.
    let count = 0
    const limited: express.RequestHandler = (_req, res, next) =>
      ++count < 13 || count > 15
        ? next()
        : void res
            .status(503)
            .type('application/problem+json')
            .send('{"type":"urn:clerk-auth:verification-rate-limited"}')
    const checked = await check([route('GET /me', limited, requireAuth())])
    expect(lines(checked)).toEqual([])
    expect(count).toBeGreaterThan(15)
  })

  test('refuses HEAD without a body, and ALL is asked with and without one', async () => {
    const methods: string[] = []
    const listed = { guards: [guard({ role: ['org:admin'] })] }
    const counted: express.RequestHandler = (req, _res, next) => (methods.push(req.method), next())
    const checked = await check([
      route('HEAD /files', requireAuth({ role: 'org:admin' })),
      { ...route('ALL /rpc', counted, requireAuth({ role: 'org:admin' })), listed },
    ])
    expect(lines(checked)).toEqual([])
    expect(cells(checked, 'HEAD /files')).toMatchObject({
      anonymous: 'credentials-missing',
      'bob (org:member of acme)': 'role-missing',
    })
    expect(new Set(methods)).toEqual(new Set(['GET', 'POST']))
  })
})

describe('finds', () => {
  test('a route that accepts an anonymous caller', async () => {
    const checked = await check([route('GET /open'), route('GET /me', requireAuth())])
    expect(lines(checked)).toEqual(['GET /open: no guard'])
  })

  test('a route with guards for some requests only, and sends what its requests need', async () => {
    const onlyVersion2: express.RequestHandler = (req, _res, next) =>
      next(req.headers['accept-version'] === '2' ? undefined : 'route')
    const checked = await check([
      { ...route('GET /orders', onlyVersion2, requireAuth()), listed: { headers: { 'accept-version': '2' } } },
      { ...route('GET /files', hidden()), listed: { guards: [] } },
    ])
    expect(lines(checked)).toEqual(['GET /files: no guard that runs for every request, although this one was refused'])
  })

  test('a guard behind the handler', async () => {
    const listed = { guards: [], guardsBehindHandler: [signedIn] }
    expect(lines(await check([{ ...route('GET /late'), listed }]))).toEqual([
      'GET /late: a guard runs behind the handler',
    ])
  })

  test('a guard that accepts a caller it should refuse', async () => {
    const listed = { guards: [guard({ role: ['org:admin'] })] }
    expect(lines(await check([{ ...route('GET /admin', hidden()), listed }]))).toEqual([
      'GET /admin: the probe contradicts the guard: it lets bob (org:member of acme), dave (no organization) pass',
    ])
  })

  test('a guard that refuses a caller it should accept, or refuses one with another code', async () => {
    const listed = { guards: [signedIn] }
    const admins = await check([
      { ...route('GET /me', hidden({ role: 'org:admin' })), listed },
      route('GET /you', requireAuth()),
    ])
    expect(lines(admins)).toEqual([
      'GET /me: the probe contradicts the guard: it refuses bob (org:member of acme), dave (no organization) with role-missing, who should pass',
    ])
    const other = { guards: [guard({ permission: ['org:invoices:create'] })] }
    const [line] = lines(await check([{ ...route('GET /me', hidden({ role: 'org:admin' })), listed: other }]))
    expect(line).toBe(
      'GET /me: the probe contradicts the guard: it refuses bob (org:member of acme), dave (no organization) with role-missing instead of permission-missing',
    )
  })

  test('a public route that is guarded all the same', async () => {
    const [line] = lines(await check([route('GET /health', isPublic(), hidden()), route('GET /me', requireAuth())]))
    expect(line).toMatch(
      /^GET \/health: the probe contradicts the guard: it refuses anonymous with credentials-missing, who should pass/,
    )
  })

  test('a guard of an application on a route that is marked as public', async () => {
    const checked = await check([route('GET /health', isPublic(), requireAuth()), route('GET /me', requireAuth())])
    expect(lines(checked)).toEqual([
      expect.stringMatching(
        /^GET \/health: the probe contradicts the guard: it refuses anonymous with credentials-missing, who should pass/,
      ),
    ])
  })

  test('a route of another instance, although its guards are hidden', async () => {
    const other = await start()
    const staff = clerkAuth({ jwtKey: other.jwtKey, frontendApiUrl: 'http://127.0.0.1:1' })
    const listed = { guards: [], uncertain: 'its guards are hidden' }
    const checked = await check([
      { ...route('GET /staff', staff, requireAuth({}, { by: staff })), listed },
      { ...route('GET /me', hidden()), listed },
    ])
    expect(lines(checked)).toEqual([
      expect.stringMatching(
        /^GET \/staff: the probe contradicts the guard: it refuses alice \(org:admin of acme\), .* with (jwk-kid-mismatch|token-\S+), who should pass$/,
      ),
    ])
  })

  test('an organization in the path that is not compared with that of the caller', async () => {
    const fooled = requireAuth({ org: (req) => /org_\w+/.exec(JSON.stringify(decoded(req)))?.[0] })
    expect(lines(await check([route('GET /orgs/:orgId/invoices', fooled)]))).toEqual([
      expect.stringMatching(
        /^GET \/orgs\/:orgId\/invoices: the probe contradicts the guard: it lets alice \(org:admin of acme\) for another organization, .* pass$/,
      ),
    ])
  })

  test('a success that is not from behind the guard', async () => {
    const cached: express.RequestHandler = (req, res, next) => void (req.headers.authorization ? next() : res.json({}))
    expect(lines(await check([route('GET /prices', cached, requireAuth())]))).toEqual([
      'GET /prices: the probe contradicts the guard: it answers 200 to anonymous',
    ])
  })

  test('a guard that accepts bad tokens', async () => {
    const checks: express.RequestHandler = (req, res, next) => {
      const { typ, sid } = decoded(req)
      if (typ === 'session' || sid !== undefined) return next()
      const code = req.headers.authorization ? 'token-type-mismatch' : 'credentials-missing'
      res
        .status(401)
        .type('application/problem+json')
        .send(JSON.stringify({ type: `urn:clerk-auth:${code}` }))
    }
    const checked = await check([{ ...route('GET /me', checks), listed: { guards: [signedIn] } }])
    expect(lines(checked)).toEqual([
      expect.stringMatching(
        /^GET \/me: the probe contradicts the guard: it lets a bad token \(.+\), .* and \d+ more pass$/,
      ),
    ])
  })

  test('that a route is not guarded although its guards are hidden', async () => {
    const listed = { uncertain: 'every() hides its guards' }
    const checked = await check([
      { ...route('GET /guarded', hidden({ role: 'org:admin' })), listed },
      { ...route('GET /open'), listed },
      route('GET /me', requireAuth()),
    ])
    expect(lines(checked)).toEqual(['GET /open: no guard'])
    expect(cells(checked, 'GET /guarded')).toMatchObject({ 'bob (org:member of acme)': 'role-missing' })
  })
})

describe('cannot tell', () => {
  test.each([
    [404, 'GET /invoices/:id', 'give values for its path parameters with --params'],
    [404, 'GET /invoices', 'something else takes this path'],
    [400, 'POST /invoices', 'something reads the request before the guard'],
    [415, 'POST /invoices', 'something reads the request before the guard'],
    [401, 'GET /invoices', 'something other than requireAuth() refuses it'],
    [429, 'GET /invoices', 'lift the rate limit for this check'],
    [500, 'GET /invoices', 'something throws before the handler'],
    [302, 'GET /invoices', 'a redirect comes before the guard'],
  ])('what a %i of %s means', async (status, label, hint) => {
    const checked = await check([route(label, answers(status), requireAuth()), route('GET /me', requireAuth())])
    expect(lines(checked)).toEqual([
      `${label}: cannot tell: it answers ${status} to anonymous, alice (org:admin of acme), bob (org:member of acme) and ${checked.matrix.personas.length - 3} more (${hint})`,
    ])
    expect(cells(checked, label)['anonymous']).toBe('cannot tell')
  })

  test('a problem that is not from a guard is no refusal', async () => {
    const problem: express.RequestHandler = (_req, res) =>
      void res.status(403).type('application/problem+json').send('{"type":"https://example.com/problems/blocked"}')
    const [line] = lines(await check([route('GET /a', problem, requireAuth()), route('GET /me', requireAuth())]))
    expect(line).toMatch(/^GET \/a: cannot tell: it answers 403 to anonymous/)
  })

  test('a route whose handler is not replaced, which is only called with --call-handlers', async () => {
    const routes = [{ ...route('GET /x', requireAuth(), answers(200)), listed: { hasOwnHandler: false } }]
    expect(lines(await check(routes))).toEqual([
      'GET /x: cannot tell: its handler cannot be replaced; with --call-handlers it is called, and its handler runs',
    ])
    const called = await check(routes, { callsHandlers: true })
    expect(lines(called)).toEqual([])
    expect(cells(called, 'GET /x')).toMatchObject({
      anonymous: 'credentials-missing',
      'dave (no organization)': 'passes',
    })
  })

  test('a path that cannot be filled in, until there is a value', async () => {
    const routes = [{ ...route('GET /invoices/:number(INV-[0-9]{4})', requireAuth()), path: '/invoices/:number' }]
    const listing = listingOf(routes.map((one) => ({ ...one, path: '/invoices/:number(INV-[0-9]{4})' })))
    expect(lines(await check(routes, { listing }))).toEqual([
      'GET /invoices/:number(INV-[0-9]{4}): cannot tell: give a value for its path parameter "number" with --params',
    ])
    const values = parameterValues({ number: 'INV-2030' }, 'params.yaml')
    expect(lines(await check(routes, { listing, values }))).toEqual([])
  })
})

describe('one line, and nothing checked', () => {
  test('an application that uses another instance', async () => {
    const local = (await startLocalClerk({ algorithm: 'ES256' })) as LocalClerk<Seed>
    const other = await startLocalClerk({ algorithm: 'ES256' })
    onTestFinished(async () => void (await Promise.all([local.close(), other.close()])))
    const routes = [route('GET /me', requireAuth()), route('GET /admin', requireAuth({ role: 'org:admin' }))]
    const app = express().use(clerkAuth({ jwtKey: other.jwtKey, frontendApiUrl: local.url }))
    for (const { path, handlers } of routes) app.get(path, ...handlers, marker)
    await expect(checkServed(app, listingOf(routes), { local })).rejects.toThrow(
      /^the application does not accept tokens of the local instance \((jwk-kid-mismatch|token-invalid-signature)\): its options in code point to another instance, so leave keys and URLs to the environment$/,
    )
  })

  test('an application with other authorized parties, until one is given', async () => {
    const local = (await startLocalClerk({ algorithm: 'ES256' })) as LocalClerk<Seed>
    onTestFinished(() => local.close())
    const azp = 'https://app.example.com'
    const routes = [route('GET /me', requireAuth())]
    const app = express()
      .use(clerkAuth({ ...optionsOf(local), frontendApiUrl: local.url, authorizedParties: [azp] }))
      .get('/me', requireAuth(), marker)
    await expect(checkServed(app, listingOf(routes), { local })).rejects.toThrow(
      'the application does not accept tokens of the local instance (token-invalid-authorized-parties): pass one of its authorized parties as --azp',
    )
    expect(lines(await checkServed(app, listingOf(routes), { local, azp }))).toEqual([])
  })

  test('a route that hangs', async () => {
    const hangs: express.RequestHandler = () => {}
    await expect(check([route('GET /slow', hangs, requireAuth())], { timeoutInMs: 300 })).rejects.toThrow(
      'GET /slow did not answer within 0.3 seconds',
    )
  })

  test('an application that has ended', async () => {
    const url = await serve((_req, res) => res.destroy())
    await expect(check([route('GET /me', requireAuth())], { url })).rejects.toThrow(
      /^GET \/me was not answered: ECONNRESET$/,
    )
  })

  test('an application without routes', async () => {
    await expect(check([])).rejects.toThrow('the application has no routes')
  })
})

function decoded(req: express.Request): Record<string, unknown> {
  try {
    const [, payload = ''] = (req.headers.authorization ?? '').split('.')
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  } catch {
    return {}
  }
}
