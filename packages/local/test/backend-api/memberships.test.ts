import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { errorFor, type Refused } from './refused.js'

describe('memberships of organizations', () => {
  const member = { user_id: '<dave>', role: 'org:member' }

  test.each<Refused>([
    ['POST', '/organizations/<unknownOrg>/memberships', member, 404, 'resource_not_found'],
    ['POST', '/organizations/<acme>/memberships', {}, 422, 'form_param_missing', 'user_id'],
    ['POST', '/organizations/<acme>/memberships', { ...member, user_id: '<unknownUser>' }, 404, 'resource_not_found'],
    ['POST', '/organizations/<acme>/memberships', { ...member, role: 'org:x' }, 404, 'resource_not_found', 'role'],
    [
      'POST',
      '/organizations/<acme>/memberships',
      { ...member, user_id: '<bob>' },
      400,
      'already_a_member_in_organization',
      'user_id',
    ],
    ['GET', '/organizations/<unknownOrg>/memberships', undefined, 404, 'resource_not_found'],
    ['GET', '/organizations/<acme>/memberships?order_by=role', undefined, 422, 'form_param_value_invalid', 'order_by'],
    ['PATCH', '/organizations/<acme>/memberships/<dave>', { role: 'org:admin' }, 404, 'resource_not_found'],
    ['PATCH', '/organizations/<acme>/memberships/<bob>', {}, 422, 'form_param_missing', 'role'],
    ['PATCH', '/organizations/<acme>/memberships/<bob>', { role: 'org:x' }, 404, 'resource_not_found', 'role'],
    ['DELETE', '/organizations/<acme>/memberships/<dave>', undefined, 404, 'resource_not_found'],
    ['PATCH', '/organizations/<acme>/memberships/<bob>/metadata', { role: 'x' }, 422, 'form_param_unknown', 'role'],
    ['PATCH', '/organizations/<acme>/memberships/<dave>/metadata', {}, 404, 'resource_not_found'],
    ['GET', '/organization_memberships?limit=0', undefined, 422, 'form_param_value_invalid', 'limit'],
  ])('refuse %s %s with %j as %i %s', async (...refused) => {
    const [, , , status, code, param] = refused
    expect(await errorFor(refused)).toEqual({ status, code, param })
  })

  test('refuse members beyond max_allowed_memberships', async () => {
    const local = await start()
    await call(local, 'PATCH', '/v1/organizations/acme', { body: { max_allowed_memberships: 3 } })
    const add = (userId: string) =>
      call(local, 'POST', '/v1/organizations/acme/memberships', { body: { user_id: userId, role: 'org:member' } })
    expect((await add(local.people.dave.id)).status).toBe(200)
    expect(await add(local.people.carol.id)).toMatchObject({
      status: 403,
      code: 'organization_membership_quota_exceeded',
    })
  })

  test('put the current role of a membership into the next token', async () => {
    const local = await start()
    const path = `/v1/organizations/acme/memberships/${local.people.alice.id}`
    const { body: session } = await call(local, 'POST', '/v1/sessions', { body: { user_id: local.people.alice.id } })
    const claims = async () => {
      const { body } = await call(local, 'POST', `/v1/sessions/${session.id}/tokens`)
      return JSON.parse(Buffer.from(body.jwt.split('.')[1], 'base64url').toString())
    }
    expect((await claims()).o.rol).toBe('admin')
    await call(local, 'PATCH', path, { body: { role: 'org:member' } })
    expect((await claims()).o.rol).toBe('member')
    expect(local.people.alice.memberships).toEqual({ acme: 'org:member' })
    await call(local, 'PATCH', '/v1/organizations/acme', { body: { slug: 'acme-2' } })
    expect((await claims()).o.slg).toBe('acme-2')
    await call(local, 'DELETE', path.replace('acme', 'acme-2'))
    expect(await claims()).not.toHaveProperty('o')
  })
})
