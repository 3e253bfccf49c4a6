import { describe, expect, test } from 'vitest'
import { errorFor, type Refused } from './backend-api/refused.js'
import { start } from './start.js'
import { call } from './tokens.js'

describe('organizations of the Backend API', () => {
  test.each<Refused>([
    ['POST', '/organizations', {}, 422, 'form_param_missing', 'name'],
    ['POST', '/organizations', { name: 'A', slug: 'acme' }, 422, 'form_identifier_exists', 'slug'],
    ['POST', '/organizations', { name: 'A', slug: 'A b' }, 422, 'form_param_value_invalid', 'slug'],
    ['POST', '/organizations', { name: 'A', slug: 'a_b' }, 422, 'form_param_value_invalid', 'slug'],
    [
      'POST',
      '/organizations',
      { name: 'A', created_by: '<unknownUser>' },
      422,
      'form_resource_not_found',
      'created_by',
    ],
    [
      'POST',
      '/organizations',
      { name: 'A', max_allowed_memberships: -1 },
      422,
      'form_param_value_invalid',
      'max_allowed_memberships',
    ],
    ['GET', '/organizations?order_by=slug', undefined, 422, 'form_param_value_invalid', 'order_by'],
    ['GET', '/organizations/<unknownOrg>', undefined, 404, 'resource_not_found'],
    ['PATCH', '/organizations/<unknownOrg>', {}, 404, 'resource_not_found'],
    ['PATCH', '/organizations/acme', { slug: 'globex' }, 422, 'form_identifier_exists', 'slug'],
    ['DELETE', '/organizations/<unknownOrg>', undefined, 404, 'resource_not_found'],
    ['PATCH', '/organizations/<unknownOrg>/metadata', {}, 404, 'resource_not_found'],
  ])('refuse %s %s with %j as %i %s', async (...refused) => {
    const [, , , status, code, param] = refused
    expect(await errorFor(refused)).toEqual({ status, code, param })
  })

  test('that are deleted leave a session with the organization joined last', async () => {
    const local = await start()
    const { bob } = local.people
    const { body: session } = await call(local, 'POST', '/v1/sessions', { body: { user_id: bob.id } })
    const body = { user_id: bob.id, role: 'org:admin' }
    await call(local, 'POST', '/v1/organizations/globex/memberships', { body })
    await call(local, 'DELETE', '/v1/organizations/acme')
    const after = await call(local, 'GET', `/v1/sessions/${session.id}`)
    expect(after.body.last_active_organization_id).toBe(local.organizations.globex.id)
    expect(local.people.bob.defaultOrganization).toBe(null)
  })
})
