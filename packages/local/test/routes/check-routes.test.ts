import { isPublic, requireAuth } from '@clerk-auth/express'
import { expect, test } from 'vitest'
import { matrixPage } from '../../src/routes/matrix.js'
import { check, route } from './served.js'

test('look', async () => {
  const t = Date.now()
  const checked = await check([
    route('GET /health', isPublic()),
    route('GET /open'),
    route('GET /me', requireAuth()),
    route('POST /invoices', requireAuth({ role: 'org:admin' })),
    route('GET /orgs/:orgId/invoices', requireAuth({ org: (req) => req.params['orgId'] })),
    route('POST /jobs', requireAuth({ acceptsToken: 'm2m_token' })),
    route('GET /partners', requireAuth({ acceptsToken: ['oauth_token', 'api_key'], scope: 'invoices:read' })),
    route('HEAD /x', requireAuth({ role: 'org:admin' })),
    route('ALL /rpc', requireAuth({ acceptsToken: 'any' })),
    route('GET /fresh', requireAuth({ fresh: true })),
    route('GET /checked', requireAuth({ check: (auth) => auth.orgSlug === 'acme' })),
  ])
  console.log(Date.now() - t, checked.probes, checked.findings)
  console.log(matrixPage(checked.matrix))
  expect(checked).toBeDefined()
})
