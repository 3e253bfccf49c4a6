import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const UNKNOWN_USER = `user_${'x'.repeat(27)}`
const UNKNOWN_ORGANIZATION = `org_${'x'.repeat(27)}`

/** Replaces placeholders such as `<alice>` in a path or a body with ids. */
function fillIn(local: LocalClerk, template: string): string {
  const { people, organizations } = local
  const names: Record<string, string> = {
    alice: people.alice.id,
    bob: people.bob.id,
    dave: people.dave.id,
    acme: organizations.acme.id,
    globex: organizations.globex.id,
    unknownUser: UNKNOWN_USER,
    unknownOrg: UNKNOWN_ORGANIZATION,
  }
  return template.replaceAll(/<(\w+)>/g, (_, name: string) => names[name] ?? name)
}

/** An object nested in itself `levels` times. */
function nested(levels: number): object {
  return levels === 0 ? {} : { username: nested(levels - 1) }
}

type Case = [method: string, path: string, body: object | undefined, status: number, code: string, param?: string]

async function answerTo([method, path, body]: Case) {
  const local = await start()
  return call(local, method, `/v1${fillIn(local, path)}`, { body: body && fillIn(local, JSON.stringify(body)) })
}

describe('users of the Backend API', () => {
  test.each<Case>([
    ['POST', '/users', {}, 422, 'form_data_missing', 'email_address'],
    ['POST', '/users', { email_address: 'a@b.c' }, 422, 'form_param_type_invalid', 'email_address'],
    ['POST', '/users', { email_address: ['no address'] }, 422, 'form_param_format_invalid', 'email_address'],
    ['POST', '/users', { email_address: ['ALICE@acme.example'] }, 422, 'form_identifier_exists', 'email_address'],
    ['POST', '/users', { email_address: ['a@b.c', 'A@b.c'] }, 422, 'form_identifier_exists', 'email_address'],
    ['POST', '/users', { phone_number: ['12'] }, 422, 'form_param_format_invalid', 'phone_number'],
    [
      'POST',
      '/users',
      { email_address: ['a@b.c'], email_address_identification_status: [] },
      422,
      'form_param_value_invalid',
      'email_address_identification_status',
    ],
    ['POST', '/users', { username: 'x', password: 'short' }, 422, 'form_password_length_too_short', 'password'],
    ['POST', '/users', { username: 'x', created_at: 'today' }, 422, 'form_param_value_invalid', 'created_at'],
    ['POST', '/users', { username: 'x', public_metadata: [] }, 422, 'form_param_type_invalid', 'public_metadata'],
    ['GET', '/users?limit=501', undefined, 422, 'form_param_value_too_large', 'limit'],
    ['GET', '/users?limit=0', undefined, 422, 'form_param_value_invalid', 'limit'],
    ['GET', '/users?order_by=id', undefined, 422, 'form_param_value_invalid', 'order_by'],
    ['GET', '/users?created_at_after=x', undefined, 422, 'form_param_type_invalid', 'created_at_after'],
    ['GET', `/users?${'user_id=a&'.repeat(101)}`, undefined, 422, 'form_param_array_size_exceeded', 'user_id'],
    ['GET', '/users/<unknownUser>', undefined, 404, 'resource_not_found'],
    ['PATCH', '/users/<unknownUser>', {}, 404, 'resource_not_found'],
    ['DELETE', '/users/<unknownUser>', undefined, 404, 'resource_not_found'],
    ['PATCH', '/users/<unknownUser>/metadata', {}, 404, 'resource_not_found'],
    ['PUT', '/users/<unknownUser>/metadata', {}, 404, 'resource_not_found'],
    [
      'PATCH',
      '/users/<alice>',
      { primary_email_address_id: 'idn_x' },
      422,
      'form_resource_not_found',
      'primary_email_address_id',
    ],
    ['GET', '/users/<unknownUser>/organization_memberships', undefined, 404, 'resource_not_found'],
  ])('refuse %s %s with %j as %i %s', async (...refused) => {
    const [, , , status, code, param] = refused
    const answer = await answerTo(refused)
    expect(answer).toMatchObject({ status, code })
    expect(answer.body.errors[0].meta).toEqual(param && { param_name: param })
    expect(answer.body.clerk_trace_id).toMatch(/^[0-9a-f]{32}$/)
  })

  test('cannot take an identifier of another user', async () => {
    const local = await start()
    const named = { username: 'eve', external_id: 'crm-7', phone_number: ['+3120 1234567'] }
    const { body: eve } = await call(local, 'POST', '/v1/users', { body: named })
    for (const [field, value] of Object.entries(named)) {
      const answer = await call(local, 'POST', '/v1/users', { body: { email_address: ['x@y.z'], [field]: value } })
      expect(answer).toMatchObject({ status: 422, code: 'form_identifier_exists' })
    }
    const own = await call(local, 'PATCH', `/v1/users/${eve.id}`, { body: { username: 'eve' } })
    expect(own.status).toBe(200)
  })

  test('have every field that Clerk documents, and are listed in an array', async () => {
    const local = await start({ now: () => 7 })
    const { body } = await call(local, 'GET', '/v1/users?order_by=first_name&limit=1')
    expect(body).toEqual([
      {
        object: 'user',
        id: local.people.alice.id,
        external_id: null,
        username: null,
        first_name: 'Alice',
        last_name: null,
        locale: null,
        timezone: null,
        image_url: '',
        has_image: false,
        primary_email_address_id: expect.stringMatching(/^idn_\w{27}$/),
        primary_phone_number_id: null,
        primary_web3_wallet_id: null,
        email_addresses: [
          {
            object: 'email_address',
            id: body[0].primary_email_address_id,
            email_address: 'alice@acme.example',
            reserved: false,
            verification: {
              object: 'verification_admin',
              status: 'verified',
              strategy: 'admin',
              attempts: null,
              expire_at: null,
            },
            linked_to: [],
            matches_sso_connection: false,
            created_at: 7,
            updated_at: 7,
          },
        ],
        phone_numbers: [],
        web3_wallets: [],
        passkeys: [],
        external_accounts: [],
        saml_accounts: [],
        enterprise_accounts: [],
        public_metadata: {},
        private_metadata: {},
        unsafe_metadata: {},
        password_enabled: false,
        password_last_updated_at: null,
        two_factor_enabled: false,
        totp_enabled: false,
        backup_code_enabled: false,
        mfa_enabled_at: null,
        mfa_disabled_at: null,
        banned: false,
        locked: false,
        deprovisioned: false,
        lockout_expires_in_seconds: null,
        verification_attempts_remaining: null,
        delete_self_enabled: true,
        create_organization_enabled: true,
        create_organizations_limit: null,
        legal_accepted_at: null,
        last_sign_in_at: null,
        last_active_at: null,
        created_at: 7,
        updated_at: 7,
      },
    ])
  })

  test('refuse metadata over the limit of Clerk, on creation and after a merge', async () => {
    const local = await start()
    const path = `/v1/users/${local.people.alice.id}/metadata`
    const merge = (key: string) =>
      call(local, 'PATCH', path, { body: { unsafe_metadata: { [key]: 'x'.repeat(5000) } } })
    const body = { username: 'x', public_metadata: { a: 'x'.repeat(8192) } }
    expect(await call(local, 'POST', '/v1/users', { body })).toMatchObject({
      status: 422,
      code: 'form_param_exceeds_allowed_size',
    })
    expect((await merge('a')).status).toBe(200)
    expect(await merge('b')).toMatchObject({ status: 422, code: 'form_param_exceeds_allowed_size' })
    expect(Object.keys((await merge('a')).body.unsafe_metadata)).toEqual(['a'])
  })

  test('are not created from a deeply nested body', async () => {
    const local = await start()
    expect(await call(local, 'POST', '/v1/users', { body: nested(199) })).toMatchObject({ status: 422 })
    for (const levels of [200, 4000])
      expect(await call(local, 'POST', '/v1/users', { body: nested(levels) })).toMatchObject({
        status: 400,
        code: 'request_body_invalid',
      })
  })

  test('are filtered by creation and last activity', async () => {
    const local = await start({ now: () => 1000 })
    local.clock.advance(1000)
    await call(local, 'POST', '/v1/users', { body: { username: 'eve' } })
    await local.sessionToken({ user: 'bob' })
    const count = async (query: string) => (await call(local, 'GET', `/v1/users/count?${query}`)).body
    expect(await count('created_at_after=1500')).toEqual({ object: 'total_count', total_count: 1 })
    expect((await count('created_at_before=1500')).total_count).toBe(4)
    expect((await count('last_active_at_after=1500')).total_count).toBe(1)
    expect((await count('last_active_at_since=2500')).total_count).toBe(0)
    expect((await count('last_sign_in_at_before=2500')).total_count).toBe(1)
    expect((await count(`organization_id=-${local.organizations.acme.id}`)).total_count).toBe(3)
    expect((await count('username_query=V')).total_count).toBe(1)
    expect((await count('name_query=bob&name_query=x')).total_count).toBe(1)
  })

  test('lose their sessions and memberships when deleted', async () => {
    const local = await start()
    const { alice } = local.people
    const { body: session } = await call(local, 'POST', '/v1/sessions', { body: { user_id: alice.id } })
    await call(local, 'DELETE', `/v1/users/${alice.id}`)
    expect((await call(local, 'GET', `/v1/sessions/${session.id}`)).status).toBe(404)
    const { body } = await call(local, 'GET', `/v1/organizations/acme/memberships`)
    expect(body.data.map((it: any) => it.public_user_data.first_name)).toEqual(['Bob'])
    expect(Object.keys(local.people)).toEqual(['bob', 'carol', 'dave'])
  })

  test('are not restored by an update in flight when they were deleted', async () => {
    const local = await start()
    const path = `/v1/users/${local.people.dave.id}`
    const headers = {
      authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`,
      'content-type': 'application/json',
      'content-length': 2,
    }
    const slow = request(local.url + path, { method: 'PATCH', headers, agent: false })
    const answered = once(slow, 'response') as Promise<[IncomingMessage]>
    slow.write('{')
    await expect.poll(() => local.calls('UpdateUser')).toBe(1)
    await call(local, 'DELETE', path)
    slow.end('}')
    expect((await answered)[0].statusCode).toBe(404)
    expect(local.people).not.toHaveProperty('dave')
  })

  test('are restored to the seed by reset()', async () => {
    const local = await start()
    const before = [local.people, local.organizations]
    const { sid } = await sessionOf(local)
    await call(local, 'DELETE', `/v1/users/${local.people.alice.id}`)
    await call(local, 'PATCH', '/v1/organizations/acme', { body: { slug: 'acme-2', name: 'Acme 2' } })
    await call(local, 'POST', '/v1/users', { body: { username: 'eve' } })
    await call(local, 'POST', '/v1/jwt_templates', { body: { name: 'x', claims: {} } })

    local.reset()
    expect([local.people, local.organizations]).toEqual(before)
    expect((await call(local, 'GET', `/v1/sessions/${sid}`)).status).toBe(404)
    expect((await call(local, 'GET', '/v1/jwt_templates')).body).toHaveLength(1)
    expect((await sessionOf(local)).sid).toBe(sid)
  })
})

async function sessionOf(local: LocalClerk): Promise<{ sid: string }> {
  const [, payload = ''] = (await local.sessionToken()).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }
}

describe('organizations of the Backend API', () => {
  const member = { user_id: '<dave>', role: 'org:member' }

  test.each<Case>([
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
    const answer = await answerTo(refused)
    expect(answer).toMatchObject({ status, code })
    expect(answer.body.errors[0].meta).toEqual(param && { param_name: param })
    expect(answer.body.clerk_trace_id).toMatch(/^[0-9a-f]{32}$/)
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
