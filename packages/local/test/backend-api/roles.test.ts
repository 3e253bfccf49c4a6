import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

async function startRoles() {
  const local = await start()
  const clerk = clientOf(local)
  const { organizationRoles: roles, organizationPermissions: permissions, roleSets } = clerk
  const roleId = async (key: string) => {
    const { data } = await roles.getOrganizationRoleList({ query: key })
    return data[0]?.id ?? ''
  }
  const permissionId = async (key: string) => {
    const { data } = await permissions.getOrganizationPermissionList({ query: key })
    return data[0]?.id ?? ''
  }
  return { local, clerk, roles, permissions, roleSets, roleId, permissionId }
}

/** The keys of the permissions in a session token of bob in acme. */
function permissionsIn(token: string): readonly string[] {
  const { o } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { o: { per: string } }
  return o.per.split(',')
}

describe('roles', () => {
  test('have permissions, which the next tokens of their members have too', async () => {
    const { local, roles, roleId, permissionId } = await startRoles()
    const organizationRoleId = await roleId('org:member')
    const created = await permissionId('org:invoices:create')
    expect(permissionsIn(await local.sessionToken({ user: 'bob' }))).toEqual(['read'])
    const role = await roles.assignPermissionToOrganizationRole({ organizationRoleId, permissionId: created })
    expect(role.permissions.map(({ key }) => key)).toEqual(['org:invoices:read', 'org:invoices:create'])
    expect(permissionsIn(await local.sessionToken({ user: 'bob' }))).toEqual(['read', 'create'])
    await expect(
      roles.assignPermissionToOrganizationRole({ organizationRoleId, permissionId: created }),
    ).rejects.toMatchObject(refusal(409, 'organization_role_permission_association_exists'))
    await roles.removePermissionFromOrganizationRole({ organizationRoleId, permissionId: created })
    expect(permissionsIn(await local.sessionToken({ user: 'bob' }))).toEqual(['read'])
    await expect(
      roles.removePermissionFromOrganizationRole({ organizationRoleId, permissionId: created }),
    ).rejects.toMatchObject(refusal(404, 'resource_not_found'))
  })

  test('are created with permissions, and listed by key', async () => {
    const { roles, permissionId } = await startRoles()
    const permissions = [await permissionId('org:reports:read')]
    const created = await roles.createOrganizationRole({ name: 'Auditor', key: 'org:auditor', permissions })
    expect(created).toMatchObject({ key: 'org:auditor', permissions: [{ key: 'org:reports:read' }] })
    expect(await roles.getOrganizationRole(created.id)).toEqual(created)
    const { data, totalCount } = await roles.getOrganizationRoleList({ orderBy: '+key' })
    expect([totalCount, data.map(({ key }) => key)]).toEqual([3, ['org:admin', 'org:auditor', 'org:member']])
  })

  test.each([
    ['a taken key', { name: 'A', key: 'org:admin' }, 422, 'form_identifier_exists'],
    ['a key without org:', { name: 'A', key: 'auditor' }, 422, 'form_param_format_invalid'],
    ['an unknown permission', { name: 'A', key: 'org:a', permissions: ['perm_x'] }, 404, 'resource_not_found'],
  ])('cannot have %s', async (_, fields, status, code) => {
    const { roles } = await startRoles()
    await expect(roles.createOrganizationRole(fields)).rejects.toMatchObject(refusal(status, code))
  })

  test('are at most 10', async () => {
    const { roles } = await startRoles()
    for (let i = 2; i < 10; i++) await roles.createOrganizationRole({ name: `${i}`, key: `org:role_${i}` })
    await expect(roles.createOrganizationRole({ name: '10', key: 'org:role_10' })).rejects.toMatchObject(
      refusal(403, 'organization_instance_roles_quota_exceeded'),
    )
  })

  test('rename the role of members and invitations with their key', async () => {
    const { local, clerk, roles, roleId } = await startRoles()
    const organizationId = local.organizations.acme.id
    const { id: invitationId } = await clerk.organizations.createOrganizationInvitation({
      organizationId,
      emailAddress: 'eve@example.com',
      role: 'org:member',
    })
    await roles.updateOrganizationRole({
      organizationRoleId: await roleId('org:member'),
      key: 'org:staff',
      name: 'Staff',
    })
    expect(local.people.bob.memberships).toEqual({ acme: 'org:staff' })
    const invitation = await clerk.organizations.getOrganizationInvitation({ organizationId, invitationId })
    expect(invitation).toMatchObject({ role: 'org:staff', roleName: 'Staff' })
  })

  test('cannot be deleted while they are used', async () => {
    const { local, clerk, roles, roleId } = await startRoles()
    const { id } = await roles.createOrganizationRole({ name: 'Guest', key: 'org:guest' })
    const organizationId = local.organizations.acme.id
    const { id: invitationId } = await clerk.organizations.createOrganizationInvitation({
      organizationId,
      emailAddress: 'eve@example.com',
      role: 'org:guest',
    })
    const refused = async (key: string, code: string) =>
      expect(roles.deleteOrganizationRole(await roleId(key))).rejects.toMatchObject(refusal(422, code))
    await refused('org:admin', 'organization_role_default_creator_role')
    await refused('org:member', 'organization_role_domain_default_role')
    await refused('org:guest', 'organization_role_exists_in_invitations')
    await clerk.instance.updateOrganizationSettings({ domainsDefaultRoleId: id })
    await refused('org:member', 'organization_role_assigned_members')
    await clerk.instance.updateOrganizationSettings({ domainsDefaultRoleId: await roleId('org:admin') })
    await clerk.organizations.revokeOrganizationInvitation({ organizationId, invitationId })
    expect(await roles.deleteOrganizationRole(id)).toMatchObject({ id, deleted: true })
    await expect(roles.getOrganizationRole(id)).rejects.toMatchObject(refusal(404, 'resource_not_found'))
  })

  test('and permissions cause events', async () => {
    const { local, roles, permissions } = await startRoles()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url, events: ['role.*', 'permission.*'] })
    const { id: permissionId } = await permissions.createOrganizationPermission({ name: 'Export', key: 'org:a:export' })
    const { id } = await roles.createOrganizationRole({ name: 'A', key: 'org:a', permissions: [permissionId] })
    await permissions.updateOrganizationPermission({ permissionId, key: 'org:a:write' })
    await permissions.deleteOrganizationPermission(permissionId)
    await roles.deleteOrganizationRole(id)
    await local.webhooks.settled()
    expect(receiver.types()).toEqual([
      'permission.created',
      'role.created',
      'permission.updated',
      'role.updated',
      'role.updated',
      'permission.deleted',
      'role.deleted',
    ])
    expect(receiver.received[3]?.event.data.permissions).toMatchObject([{ key: 'org:a:write' }])
    expect(receiver.received[4]?.event.data.permissions).toEqual([])
  })
})

describe('permissions', () => {
  test.each([
    ['a system key', 'org:sys_memberships:read', 'form_param_value_invalid'],
    ['a key without an action', 'org:invoices', 'form_param_format_invalid'],
    ['a taken key', 'org:invoices:read', 'form_identifier_exists'],
  ])('cannot have %s', async (_, key, code) => {
    const { permissions } = await startRoles()
    await expect(permissions.createOrganizationPermission({ name: 'A', key })).rejects.toMatchObject(refusal(422, code))
  })
})

describe('role sets', () => {
  async function startRoleSets() {
    const all = await startRoles()
    const { clerk, roles, roleSets } = all
    await roles.createOrganizationRole({ name: 'Guest', key: 'org:guest' })
    const starter = await roleSets.createRoleSet({
      name: 'Starter Plan',
      roles: ['org:admin', 'org:guest'],
      defaultRoleKey: 'org:guest',
      creatorRoleKey: 'org:admin',
      type: 'initial',
    })
    const hooli = await clerk.organizations.createOrganization({ name: 'Hooli', createdBy: all.local.people.dave.id })
    const invite = (role: string) =>
      clerk.organizations.createOrganizationInvitation({
        organizationId: hooli.id,
        emailAddress: 'eve@example.com',
        role,
        inviterUserId: all.local.people.dave.id,
      })
    return { ...all, starter, hooli, invite }
  }

  test('limit the roles in new organizations, if they are the initial one', async () => {
    const { local, clerk, starter, hooli, invite, roleSets } = await startRoleSets()
    expect(starter).toMatchObject({
      key: 'role_set:starter_plan',
      type: 'initial',
      defaultRole: { key: 'org:guest' },
      creatorRole: { key: 'org:admin' },
    })
    expect(hooli.raw?.role_set_key).toBe(starter.key)
    await expect(invite('org:member')).rejects.toMatchObject(refusal(404, 'resource_not_found'))
    expect((await invite('org:guest')).role).toBe('org:guest')
    await expect(
      clerk.organizations.createOrganizationMembership({
        organizationId: hooli.id,
        userId: local.people.bob.id,
        role: 'org:member',
      }),
    ).rejects.toMatchObject(refusal(404, 'resource_not_found'))
    const counts = (await roleSets.getRoleSet(starter.key)).roles.map((role) => [role.key, role.membersCount])
    expect(counts).toEqual([
      ['org:admin', 1],
      ['org:guest', 0],
    ])
  })

  test('are only one the initial one', async () => {
    const { starter, roleSets } = await startRoleSets()
    const fields = { roles: ['org:admin'], defaultRoleKey: 'org:admin', creatorRoleKey: 'org:admin' }
    const other = await roleSets.createRoleSet({ name: 'Other', ...fields })
    expect(other.type).toBe('custom')
    await roleSets.updateRoleSet({ roleSetKeyOrId: other.id, type: 'initial' })
    expect((await roleSets.getRoleSet(starter.id)).type).toBe('custom')
    await expect(roleSets.createRoleSet({ name: 'Other', ...fields })).rejects.toMatchObject(
      refusal(422, 'form_identifier_exists'),
    )
    await expect(
      roleSets.createRoleSet({ name: 'Third', ...fields, defaultRoleKey: 'org:guest' }),
    ).rejects.toMatchObject(refusal(422, 'form_param_value_invalid'))
  })

  test('get more roles, and another role in place of one, also for members', async () => {
    const { local, starter, roleSets } = await startRoleSets()
    await roleSets.addRolesToRoleSet({
      roleSetKeyOrId: starter.id,
      roleKeys: ['org:member'],
      defaultRoleKey: 'org:member',
    })
    const replaced = await roleSets.replaceRoleInRoleSet({
      roleSetKeyOrId: starter.id,
      roleKey: 'org:admin',
      toRoleKey: 'org:member',
    })
    expect(replaced.roles.map(({ key }) => key)).toEqual(['org:member', 'org:guest'])
    expect(replaced).toMatchObject({ defaultRole: { key: 'org:member' }, creatorRole: { key: 'org:member' } })
    expect(local.people.dave.memberships).toEqual({ hooli: 'org:member' })
    expect(local.people.alice.memberships).toEqual({ acme: 'org:admin' })
  })

  test('are replaced by another, with other roles for members', async () => {
    const { local, clerk, starter, hooli, roleSets } = await startRoleSets()
    const large = await roleSets.createRoleSet({
      name: 'Large',
      roles: ['org:member'],
      defaultRoleKey: 'org:member',
      creatorRoleKey: 'org:member',
    })
    const replace = (reassignmentMappings: Record<string, string>) =>
      roleSets.replaceRoleSet({ roleSetKeyOrId: starter.key, destRoleSetKey: large.key, reassignmentMappings })
    await expect(replace({})).rejects.toMatchObject(refusal(422, 'form_param_value_invalid'))
    expect(await replace({ 'org:admin': 'org:member' })).toMatchObject({ id: starter.id, deleted: true })
    expect(local.people.dave.memberships).toEqual({ hooli: 'org:member' })
    const migrated = await clerk.organizations.getOrganization({ organizationId: hooli.id })
    expect(migrated.raw?.role_set_key).toBe(large.key)
    expect(await roleSets.getRoleSetList()).toMatchObject({
      totalCount: 1,
      data: [{ key: large.key, type: 'initial' }],
    })
  })

  test('must have the roles of pending invitations too, to take the place of another', async () => {
    const { clerk, starter, hooli, roleSets } = await startRoleSets()
    const small = await roleSets.createRoleSet({
      name: 'Small',
      roles: ['org:admin'],
      defaultRoleKey: 'org:admin',
      creatorRoleKey: 'org:admin',
    })
    await clerk.organizations.createOrganizationInvitation({
      organizationId: hooli.id,
      emailAddress: 'eve@example.com',
      role: 'org:guest',
    })
    const invalid = refusal(422, 'form_param_value_invalid')
    await expect(
      roleSets.replaceRoleSet({ roleSetKeyOrId: starter.key, destRoleSetKey: small.key }),
    ).rejects.toMatchObject(invalid)
    await expect(
      clerk.organizations.updateOrganization(hooli.id, { roleSetKey: small.key } as never),
    ).rejects.toMatchObject(invalid)
  })
})
