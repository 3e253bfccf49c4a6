import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { errorFor, type Refused } from './refused.js'

/** An object nested in itself `levels` times. */
function nested(levels: number): object {
  return levels === 0 ? {} : { username: nested(levels - 1) }
}

describe('users of the Backend API', () => {
  test.each<Refused>([
    ['POST', '/users', {}, 422, 'form_data_missing', 'email_address'],
    ['POST', '/users', { email_address: 'a@b.c' }, 422, 'form_param_type_invalid', 'email_address'],
    ['POST', '/users', { email_address: ['no address'] }, 422, 'form_param_format_invalid', 'email_address'],
    ['POST', '/users', { email_address: ['ALICE@acme.example'] }, 422, 'form_identifier_exists', 'email_address'],
    ['POST', '/users', { email_address: ['a@b.c', 'A@b.c'] }, 422, 'form_identifier_exists', 'email_address'],
    ['POST', '/users', { phone_number: ['12'] }, 422, 'form_param_format_invalid', 'phone_number'],
    [
      'POST',
      '/users',
      { email_address: ['a@b.c'], email_address_identification_status: ['verified', 'reserved'] },
      422,
      'form_param_value_invalid',
      'email_address_identification_status',
    ],
    ['POST', '/users', { web3_wallet: ['0x12'] }, 422, 'form_param_format_invalid', 'web3_wallet'],
    ['POST', '/users', { username: 'eve' }, 422, 'form_username_invalid_length', 'username'],
    ['POST', '/users', { username: 'eve adams' }, 422, 'form_username_invalid_character', 'username'],
    ['PATCH', '/users/<bob>', { username: 'b@b.c' }, 422, 'form_username_invalid_character', 'username'],
    ['PATCH', '/users/<bob>', { password_digest: 'x' }, 422, 'form_conditional_param_missing', 'password_hasher'],
    [
      'PATCH',
      '/users/<bob>',
      { password_digest: 'x', password_hasher: 'rot13' },
      422,
      'form_param_value_invalid',
      'password_hasher',
    ],
    [
      'PATCH',
      '/users/<bob>',
      { password_digest: 'x', password_hasher: 'bcrypt' },
      422,
      'form_password_digest_invalid_code',
      'password_digest',
    ],
    ['PATCH', '/users/<bob>', { totp_secret: '0189' }, 422, 'form_param_value_invalid', 'totp_secret'],
    ['PATCH', '/users/<bob>', { backup_codes: ['$2b$x'] }, 422, 'form_param_value_invalid', 'backup_codes'],
    ['PATCH', '/users/<bob>', { profile_image_id: 'img_x' }, 422, 'form_resource_not_found', 'profile_image_id'],
    ['POST', '/users', { username: 'evelyn', password: 'short' }, 422, 'form_password_length_too_short', 'password'],
    ['POST', '/users', { username: 'evelyn', created_at: 'today' }, 422, 'form_param_value_invalid', 'created_at'],
    ['POST', '/users', { username: 'evelyn', public_metadata: [] }, 422, 'form_param_type_invalid', 'public_metadata'],
    ['GET', '/users?limit=501', undefined, 422, 'form_param_value_too_large', 'limit'],
    ['GET', '/users?limit=0', undefined, 422, 'form_param_value_invalid', 'limit'],
    ['GET', '/users?order_by=id', undefined, 422, 'form_param_value_invalid', 'order_by'],
    ['GET', '/users?created_at_after=x', undefined, 422, 'form_param_type_invalid', 'created_at_after'],
    ['GET', `/users?${'user_id=a&'.repeat(101)}`, undefined, 422, 'form_param_array_size_exceeded', 'user_id'],
    ['GET', '/users?starting_after=<bob>&offset=1', undefined, 422, 'form_conditional_param_disallowed', 'offset'],
    [
      'GET',
      '/users?starting_after=<bob>&order_by=first_name',
      undefined,
      422,
      'form_conditional_param_disallowed',
      'order_by',
    ],
    ['GET', '/users?starting_after=<unknownUser>', undefined, 422, 'form_resource_not_found', 'starting_after'],
    ['GET', '/users?provider=oauth_google', undefined, 422, 'form_conditional_param_missing', 'provider_user_id'],
    ['GET', '/users/count?provider_user_id=1', undefined, 422, 'form_conditional_param_missing', 'provider'],
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
    expect(await errorFor(refused)).toEqual({ status, code, param })
  })

  test('cannot take an identifier of another user', async () => {
    const local = await start()
    const named = { username: 'evelyn', external_id: 'crm-7', phone_number: ['+3120 1234567'] }
    const { body: eve } = await call(local, 'POST', '/v1/users', { body: named })
    for (const [field, value] of Object.entries(named)) {
      const answer = await call(local, 'POST', '/v1/users', { body: { email_address: ['x@y.z'], [field]: value } })
      expect(answer).toMatchObject({ status: 422, code: 'form_identifier_exists' })
    }
    const own = await call(local, 'PATCH', `/v1/users/${eve.id}`, { body: { username: 'evelyn' } })
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
        image_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/images\/user_\w{27}$/),
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
        bypass_client_trust: false,
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
    const body = { username: 'evelyn', public_metadata: { a: 'x'.repeat(8192) } }
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
    await call(local, 'POST', '/v1/users', { body: { username: 'evelyn' } })
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

  test.each([
    ['newest first', '', 'descending'],
    ['oldest first', '&order_by=created_at', 'ascending'],
  ])('created in the same millisecond are each on one page, %s', async (_, order, direction) => {
    const local = await start({ now: () => 7 })
    const { alice, bob, carol, dave } = local.people
    const ids = [alice.id, bob.id, carol.id, dave.id]
    for (let n = 0; n < 10; n++)
      ids.push((await call(local, 'POST', '/v1/users', { body: { username: `user_${n}` } })).body.id)
    const walk = async (position: (seen: readonly string[]) => string) => {
      const seen: string[] = []
      for (let size = 1; size > 0;) {
        const { body } = await call(local, 'GET', `/v1/users?limit=5${order}${position(seen)}`)
        seen.push(...body.map(({ id }: { id: string }) => id))
        size = body.length
      }
      return seen
    }
    const expected = direction === 'ascending' ? ids : ids.toReversed()
    expect(await walk((seen) => `&offset=${seen.length}`)).toEqual(expected)
    expect(await walk((seen) => (seen.length > 0 ? `&starting_after=${seen.at(-1)}` : ''))).toEqual(expected)
  })

  test('that follow a user are listed although that user no longer matches the filters', async () => {
    const local = await start({ now: () => 7 })
    await call(local, 'POST', `/v1/users/${local.people.carol.id}/ban`)
    const { body } = await call(local, 'GET', `/v1/users?banned=false&starting_after=${local.people.carol.id}`)
    expect(body.map((it: any) => it.first_name)).toEqual(['Bob', 'Alice'])
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
    await call(local, 'POST', '/v1/users', { body: { username: 'evelyn' } })
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
