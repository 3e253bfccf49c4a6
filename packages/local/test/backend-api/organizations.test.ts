import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { clientOf } from './client.js'

describe('organizations', () => {
  test('are shown with counts of members and pending invitations, if asked for', async () => {
    const local = await start()
    const { organizations } = clientOf(local)
    const organizationId = local.organizations.acme.id
    await organizations.createOrganizationInvitation({
      organizationId,
      emailAddress: 'eve@example.com',
      role: 'org:member',
    })
    const { body } = await call(local, 'GET', '/v1/organizations/acme?include_members_count=true')
    expect(body).toMatchObject({ members_count: 2, pending_invitations_count: 1 })
    expect((await call(local, 'GET', '/v1/organizations/acme')).body).not.toHaveProperty('members_count')
  })

  test('show whether an administrator is missing, if asked for', async () => {
    const local = await start()
    await call(local, 'POST', '/v1/organizations', { body: { name: 'Hooli' } })
    const { body } = await call(
      local,
      'GET',
      '/v1/organizations?order_by=name&include_missing_member_with_elevated_permissions=true',
    )
    const missing = body.data.map((it: Record<string, unknown>) => [
      it.slug,
      it.missing_member_with_elevated_permissions,
    ])
    expect(missing).toEqual([
      ['acme', false],
      ['globex', false],
      ['hooli', true],
    ])
  })

  test('are deleted by slug, which the answer has', async () => {
    const local = await start()
    const { id } = local.organizations.acme
    const { body } = await call(local, 'DELETE', '/v1/organizations/acme')
    expect(body).toEqual({ object: 'organization', id, slug: 'acme', deleted: true })
    expect(await call(local, 'GET', `/v1/organizations/${id}`)).toMatchObject({
      status: 404,
      code: 'resource_not_found',
    })
  })

  test('only change to a role set that has the roles of all members', async () => {
    const local = await start()
    const set = (name: string, roles: readonly string[]) =>
      call(local, 'POST', '/v1/role_sets', {
        body: { name, roles, default_role_key: roles[0], creator_role_key: roles[0] },
      })
    await set('small', ['org:admin'])
    await set('large', ['org:admin', 'org:member'])
    const change = (key: string) => call(local, 'PATCH', '/v1/organizations/acme', { body: { role_set_key: key } })
    expect(await change('role_set:x')).toMatchObject({ status: 422, code: 'form_resource_not_found' })
    expect(await change('role_set:small')).toMatchObject({ status: 422, code: 'form_param_value_invalid' })
    expect((await change('role_set:large')).body).toMatchObject({ role_set_key: 'role_set:large' })
  })
})
