import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { getBackendJwks, start } from '../start.js'
import { answerProblems, inputOf, operationOf, operations, webhookProblems, webhookTypes } from './facts.js'

const DELETED = { object: 'user', id: 'user_1', deleted: true }
const ERROR = { message: 'not found', long_message: 'No such user.', code: 'resource_not_found' }
const DOMAIN = {
  object: 'domain',
  id: 'dmn_1',
  name: 'acme.example',
  is_satellite: false,
  frontend_api_url: 'https://clerk.acme.example',
  development_origin: '',
}

describe('the facts of the Backend API', () => {
  test('are 158 operations, and the extra ones for roles, permissions, OAuth and organization settings', () => {
    expect(operations.filter(({ extra }) => extra === undefined)).toHaveLength(158)
    const extra = operations.filter(({ extra }) => extra).map(({ id }) => id)
    expect(extra).toContain('GetInstanceOrganizationSettings')
    expect(extra).toContain('CreateOrganizationRole')
    expect(extra).toHaveLength(23)
  })

  test('compile for each operation and event, with all the schemas that they refer to', () => {
    const statuses = operations.flatMap(({ id, answers }) => Object.keys(answers).map((status) => ({ id, status })))
    const withoutProblems = statuses.filter(({ id, status }) => answerProblems(id, Number(status), 'x').length === 0)
    expect(withoutProblems).toEqual([{ id: 'GetPublicInterstitial', status: '200' }])
    for (const type of webhookTypes) expect(webhookProblems(type, { type })).not.toEqual([])
    expect(webhookTypes).toHaveLength(45)
  })

  test.each([
    ['GET', '/v1/users/count', 'GetUsersCount'],
    ['GET', '/v1/users/user_123', 'GetUser'],
    ['POST', '/v1/users/user_123/ban', 'BanUser'],
    ['POST', '/m2m_tokens/verify', 'verifyM2MToken'],
    ['POST', '/v1/m2m_tokens/verify', 'verifyM2MToken'],
    ['PUT', '/v1/users/user_123/ban', undefined],
    ['GET', '/v1/users/', undefined],
    ['GET', '/v1', undefined],
  ])('find for %s %s the operation %s', (method, path, id) => {
    expect(operationOf(method, path)?.id).toBe(id)
  })

  test('tell the parameters of an operation with types and limits', () => {
    const { path, query, body } = inputOf('GetOrganizationInvitation')
    expect(path.map(({ name }) => name)).toEqual(['organization_id', 'invitation_id'])
    expect([query, body]).toEqual([[], undefined])
    expect(inputOf('GetUserList').query).toContainEqual({
      name: 'limit',
      required: false,
      type: 'integer',
      nullable: false,
      default: 10,
      minimum: 1,
      maximum: 500,
    })
  })

  test('tell the fields of a body, also of a list and of a shared schema', () => {
    const one = inputOf('CreateSignInToken').body
    expect(one).toMatchObject({ mediaType: 'application/json', type: 'object' })
    expect(one?.fields).toContainEqual({ name: 'user_id', required: true, type: 'string', nullable: false })
    const bulk = inputOf('CreateBulkInvitations').body
    expect(bulk).toMatchObject({ type: 'array', minItems: 1, maxItems: 10 })
    expect(bulk?.items?.refusesUnknownFields).toBe(true)
    expect(bulk?.items?.fields?.map(({ name }) => name)).toContain('email_address')
    expect(inputOf('ExtendBillingSubscriptionItemFreeTrial').body?.fields?.map(({ name }) => name)).toEqual([
      'extend_to',
    ])
  })
})

describe('answerProblems', () => {
  const problemsOfUser = (change: object) => answerProblems('DeleteUser', 200, { ...DELETED, ...change })

  test('finds nothing in an answer that Clerk may give', () => {
    expect(problemsOfUser({})).toEqual([])
    expect(answerProblems('UpdateInstance', 204, undefined)).toEqual([])
  })

  test.each([
    ['a value of the wrong type', { deleted: 'yes' }, '/deleted must be boolean'],
    ['a missing field', { deleted: undefined }, "/ must have required property 'deleted'"],
    ['null where it is not allowed', { id: null }, '/id must be string'],
    ['a field that is not documented', { timezone: null }, '/ has the unknown field timezone'],
  ])('finds %s', (_, change, problem) => {
    expect(answerProblems('DeleteUser', 200, JSON.parse(JSON.stringify({ ...DELETED, ...change })))).toEqual([problem])
  })

  test('finds an unknown value of an enumeration, and a field of an object in a list', () => {
    expect(answerProblems('ListDomains', 200, { data: [{ ...DOMAIN, object: 'site' }], total_count: 1 })).toContain(
      '/data/0/object must be one of ["domain"]',
    )
    expect(answerProblems('ListDomains', 200, { data: [{ ...DOMAIN, owner: 'x' }], total_count: 1 })).toContain(
      '/data/0 has the unknown field owner',
    )
  })

  test('accepts undocumented error statuses, but only with the error body of Clerk', () => {
    expect(answerProblems('DeleteUser', 418, { errors: [ERROR], clerk_trace_id: 'x' })).toEqual([])
    expect(answerProblems('DeleteUser', 404, { errors: [{ ...ERROR, code: undefined }] })).toEqual([
      "/errors/0 must have required property 'code'",
    ])
    expect(answerProblems('DeleteUser', 404, { error: 'not found' })).toContain('/ has the unknown field error')
  })

  test('finds success statuses and bodies that are not documented, and missing bodies', () => {
    expect(answerProblems('DeleteUser', 201, DELETED)).toEqual(['the status 201 is not documented'])
    expect(answerProblems('UpdateInstance', 204, {})).toEqual(['must not have a body'])
    expect(answerProblems('DeleteUser', 200, undefined)).toEqual(['must have a body'])
  })

  test('expects an envelope for paginated=true, and an array without it', () => {
    const page = { data: [], total_count: 0 }
    const paginated = new URLSearchParams('paginated=true')
    expect(answerProblems('ListInvitations', 200, [])).toEqual([])
    expect(answerProblems('ListInvitations', 200, page)).toEqual(['/ must be array'])
    expect(answerProblems('ListInvitations', 200, page, paginated)).toEqual([])
    expect(answerProblems('ListInvitations', 200, [], paginated)).toEqual(['/ must be object'])
  })

  test('names the problems of the closest alternative only', () => {
    expect(answerProblems('verifyOAuthAccessToken', 200, { active: true })).toEqual(['/active must be one of [false]'])
  })

  test('accepts fields of all parts of an allOf, and no others', () => {
    const problems = answerProblems('UploadOrganizationLogo', 200, { image_url: 'x', has_image: true, other: 1 })
    expect(problems).toContain('/ has the unknown field other')
    expect(problems).not.toContain('/ has the unknown field image_url')
  })
})

describe('webhookProblems', () => {
  const event = { object: 'event', type: 'user.deleted', timestamp: 1, instance_id: 'ins_1', data: DELETED }

  test('finds nothing in an event that Clerk may send', () => {
    expect(webhookProblems('user.deleted', event)).toEqual([])
  })

  test.each([
    ['an undocumented type', 'user.renamed', {}, 'the event type user.renamed is not documented'],
    ['another type', 'user.updated', {}, '/type must be user.updated'],
    [
      'a wrong field in the data',
      'user.deleted',
      { data: { ...DELETED, deleted: 1 } },
      '/data/deleted must be boolean',
    ],
    ['an unknown field beside the data', 'user.deleted', { user: 1 }, '/ has the unknown field user'],
  ])('finds %s', (_, type, change, problem) => {
    expect(webhookProblems(type, { ...event, ...change })).toContain(problem)
  })
})

describe('a test that receives an answer', () => {
  /** Answers every request with a user that lacks almost all fields. */
  async function wrongAnswer(headers: Record<string, string>): Promise<Response> {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'clerk-api-version': '2025-11-10', ...headers }).end('{"object":"user"}')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/users/user_1`)
  }

  test.fails('of a local instance that Clerk would not give fails, whatever it asserts', async () => {
    expect((await wrongAnswer({ 'clerk-auth-local': '1' })).status).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['of another server', {}],
    ['that a fault replaced', { 'clerk-auth-local': 'fault' }],
    ['in a version before that of the facts', { 'clerk-auth-local': '1', 'clerk-api-version': '2025-03-12' }],
  ])('%s does not fail', async (_, headers) => {
    expect((await wrongAnswer(headers)).status).toBe(200)
  })

  test('can tell the answer of a fault from the instance’s own', async () => {
    const local = await start()
    local.fault('GetJWKS', { status: 503, times: 1 })
    expect((await getBackendJwks(local)).headers.get('clerk-auth-local')).toBe('fault')
    expect((await getBackendJwks(local)).headers.get('clerk-auth-local')).toBe('1')
  })

  test('can still read its body', async () => {
    const local = await start()
    expect(await (await getBackendJwks(local)).json()).toMatchObject({ keys: [{ kid: local.kid }] })
  })
})
