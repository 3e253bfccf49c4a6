import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { clientOf } from './client.js'

async function startInstance() {
  const local = await start()
  const clerk = clientOf(local)
  const patch = (path: string, body: object) => call(local, 'PATCH', path, { body })
  return { local, clerk, instance: clerk.instance, patch }
}

describe('the instance', () => {
  test('is a development instance, whose allowed origins can be set', async () => {
    const { local, instance } = await startInstance()
    expect(await instance.get()).toMatchObject({ id: local.kid, environmentType: 'development', allowedOrigins: null })
    await instance.update({ allowedOrigins: ['capacitor://localhost', 'http://localhost:5173'] })
    expect((await instance.get()).allowedOrigins).toEqual(['capacitor://localhost', 'http://localhost:5173'])
    local.reset()
    expect((await instance.get()).allowedOrigins).toBe(null)
  })

  test('answers an update without a body', async () => {
    const { local } = await startInstance()
    const response = await fetch(`${local.url}/v1/instance`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
      body: '{"test_mode":null,"hibp":true}',
    })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
  })

  test.each([
    ['/v1/instance', { support_email: 'eve' }, 'form_param_format_invalid'],
    ['/v1/instance', { allowed_origins: ['https://app.example'] }, 'form_invalid_origin'],
    ['/v1/instance', { preferred_sign_in_strategy_when_password_required: 'sms' }, 'form_param_value_invalid'],
    ['/v1/instance/restrictions', { greylist: true }, 'form_param_unknown'],
    ['/v1/instance/organization_settings', { max_allowed_memberships: -1 }, 'form_param_value_invalid'],
    ['/v1/instance/organization_settings', { domains_enrollment_modes: ['x'] }, 'form_param_value_invalid'],
    ['/v1/beta_features/instance_settings', { from_email_address: 'a@b' }, 'form_param_value_invalid'],
  ])('refuses %s with %j as %s', async (path, body, code) => {
    const { patch } = await startInstance()
    expect(await patch(path, body)).toMatchObject({ status: 422, code })
  })

  test('has restrictions, of which the allowlist is also a beta setting', async () => {
    const { local, instance, patch } = await startInstance()
    const fresh = {
      allowlist: false,
      blocklist: true,
      blockEmailSubaddresses: false,
      blockDisposableEmailDomains: false,
    }
    expect(await instance.updateRestrictions({})).toMatchObject(fresh)
    expect(await instance.updateRestrictions({ blocklist: false })).toMatchObject({ ...fresh, blocklist: false })
    const { body } = await patch('/v1/beta_features/instance_settings', {
      restricted_to_allowlist: true,
      from_email_address: 'hello',
    })
    expect(body).toEqual({
      object: 'instance_settings',
      id: local.kid,
      restricted_to_allowlist: true,
      from_email_address: 'hello',
      progressive_sign_up: true,
      enhanced_email_deliverability: false,
    })
    expect(await instance.updateRestrictions({})).toMatchObject({ ...fresh, blocklist: false, allowlist: true })
  })

  test.each([
    [{ allowlist: true }, 'not on the allowlist'],
    [{ blockEmailSubaddresses: true }, 'a subaddress'],
    [{ blockDisposableEmailDomains: true }, 'disposable'],
  ])('restricts sign-ups with %j', async (restriction, reason) => {
    const { local, clerk, instance } = await startInstance()
    await clerk.allowlistIdentifiers.createAllowlistIdentifier({ identifier: '*@acme.example', notify: false })
    const emailAddress = 'eve+x@mailinator.com'
    await instance.updateRestrictions(restriction)
    expect(() => local.signUp({ emailAddress })).toThrow(reason)
    expect(local.signUp({ emailAddress: 'eve+clerk_test@acme.example' })).toHaveProperty('id')
    local.reset()
    expect(local.signUp({ emailAddress })).toHaveProperty('id')
  })

  test('ignores the blocklist if that is disabled', async () => {
    const { local, clerk, instance } = await startInstance()
    await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: 'eve@acme.example' })
    expect(() => local.signUp({ emailAddress: 'eve@acme.example' })).toThrow('blocklist')
    await instance.updateRestrictions({ blocklist: false })
    expect(local.signUp({ emailAddress: 'eve@acme.example' })).toHaveProperty('id')
  })

  test('gives new organizations its settings', async () => {
    const { local, clerk, instance } = await startInstance()
    const { data: roles } = await clerk.organizationRoles.getOrganizationRoleList()
    const member = roles.find(({ key }) => key === 'org:member')!
    const settings = await instance.updateOrganizationSettings({
      maxAllowedMemberships: 2,
      adminDeleteEnabled: false,
      creatorRoleId: member.id,
    })
    expect(settings).toMatchObject({ maxAllowedMemberships: 2, adminDeleteEnabled: false, creatorRole: 'org:member' })
    expect(await instance.getOrganizationSettings()).toEqual(settings)
    const createdBy = local.people.dave.id
    expect(await clerk.organizations.createOrganization({ name: 'Hooli', createdBy })).toMatchObject({
      maxAllowedMemberships: 2,
      adminDeleteEnabled: false,
    })
    expect(local.people.dave.memberships).toEqual({ hooli: 'org:member' })
    expect(await clerk.organizations.createOrganization({ name: 'Big', maxAllowedMemberships: 9 })).toMatchObject({
      maxAllowedMemberships: 9,
    })
    expect(await clerk.organizations.getOrganization({ slug: 'acme' })).toMatchObject({ maxAllowedMemberships: 0 })
    await expect(instance.updateOrganizationSettings({ creatorRoleId: 'role_x' })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found', meta: { paramName: 'creator_role_id' } }],
    })
  })

  test('refuses all operations of organizations while these are disabled', async () => {
    const { local, instance } = await startInstance()
    expect((await instance.updateOrganizationSettings({ enabled: false })).enabled).toBe(false)
    const refused = { status: 403, code: 'organization_not_enabled_in_instance' }
    for (const path of ['organizations', 'organizations/acme/invitations', 'organization_domains', 'role_sets'])
      expect(await call(local, 'GET', `/v1/${path}`)).toMatchObject(refused)
    expect(await call(local, 'POST', '/v1/organizations', { body: { name: 'A' } })).toMatchObject(refused)
    await instance.updateOrganizationSettings({ enabled: true })
    expect((await call(local, 'GET', '/v1/organizations/acme')).status).toBe(200)
  })
})
