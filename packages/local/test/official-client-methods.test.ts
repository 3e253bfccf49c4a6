import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { OPERATIONS } from '../src/operations/operations.js'
import { ask, startFresh, type Fresh } from './client-methods/fresh.js'
import { SUPPORTED } from './client-methods/supported.js'
import { UNSUPPORTED } from './client-methods/unsupported.js'
import { WITHOUT_METHOD } from './client-methods/without-method.js'
import { operations } from './backend-api/facts.js'

type Arguments = (it: Fresh) => readonly unknown[] | Promise<readonly unknown[]>
type Row = readonly [operation: string, result: string, args?: Arguments]

/** These call no operation. */
const OTHER_MEMBERS = ['authenticateRequest', 'debugRequestState', 'telemetry']

/** A development instance refuses it, as at Clerk. */
const REFUSED = { method: 'domains.update', operation: 'UpdateDomain' }

const supported = byMethod<Row>(SUPPORTED)
const unsupported = byMethod<Arguments>(UNSUPPORTED)

describe('the official client', () => {
  test('has no method that is not listed here', () => {
    const listed = [...supported, ...unsupported].map(([method]) => method)
    expect(allMethods().toSorted()).toEqual([...listed, REFUSED.method].toSorted())
    expect([supported.length, unsupported.length]).toEqual([169, 22])
  })

  test.each(supported)('calls %s', async (method, [operation, result, args = () => []]) => {
    const it = await startFresh()
    const methodArgs = await args(it)
    const before = it.local.calls(operation)
    expect(kindOf(await call(it, method, methodArgs))).toBe(result)
    expect(it.local.calls(operation)).toBe(before + 1)
  })

  test(`is refused ${REFUSED.method}, because this is a development instance`, async () => {
    const it = await startFresh()
    const [{ id: domainId } = { id: '' }] = (await it.domains.list()).data
    await expect(call(it, REFUSED.method, [{ domainId, name: 'acme.example' }])).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'domain_update_forbidden' }],
    })
    expect(it.local.calls(REFUSED.operation)).toBe(1)
  })

  test.each<[string, (it: Fresh) => Promise<unknown>]>([
    ['timezone', ({ users, alice }) => users.updateUser(alice, { timezone: 'Europe/Paris' })],
    ['enhanced_email_deliverability', ({ instance }) => instance.update({ enhancedEmailDeliverability: true })],
    ['ignore_dots_for_gmail_addresses', (it) => it.instance.updateRestrictions({ ignoreDotsForGmailAddresses: true })],
    ['provider', (it) => it.samlConnections.updateSamlConnection('x', { provider: 'saml_custom' })],
    ['idp_certificates', (it) => it.samlConnections.updateSamlConnection('x', { idpCertificates: ['x'] })],
  ])('is refused %s, which is not in the specification', async (paramName, request) => {
    await expect(request(await startFresh())).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'form_param_unknown', meta: { paramName } }],
    })
  })

  test.each(unsupported)('is told that %s is unsupported', async (method, args) => {
    const it = await startFresh()
    // 405 if an operation with another method has the path.
    await expect(call(it, method, await args(it))).rejects.toMatchObject({
      status: expect.toBeOneOf([404, 405]),
      errors: [{ longMessage: expect.stringMatching(/^The local instance has no [A-Z]+ \/v1\//) }],
    })
  })
})

describe('the operations', () => {
  test.each(Object.entries(WITHOUT_METHOD))('include %s, without a method', async (operation, requestOf) => {
    const it = await startFresh()
    const request = await requestOf(it)
    const before = it.local.calls(operation)
    expect((await ask(it, ...request)).ok).toBe(true)
    expect(it.local.calls(operation)).toBe(before + 1)
  })

  test('are all called here', () => {
    const called = new Set([
      ...supported.map(([, [operation]]) => operation),
      ...Object.keys(WITHOUT_METHOD),
      REFUSED.operation,
    ])
    expect([...called].toSorted()).toEqual(OPERATIONS.map(({ id }) => id).toSorted())
    expect(called.size).toBe(191)
    const promised = operations.filter(({ extra }) => extra === undefined).map(({ id }) => id)
    expect(promised.filter((id) => !called.has(id))).toEqual([])
    expect(promised.length).toBe(158)
  })
})

/** The entries of a table of APIs, by `api.method`. */
function byMethod<T>(table: Readonly<Record<string, Readonly<Record<string, T>>>>): readonly (readonly [string, T])[] {
  return Object.entries(table).flatMap(([api, methods]) =>
    Object.entries(methods).map(([name, row]) => [`${api}.${name}`, row] as const),
  )
}

/** All methods of the client that call an operation, such as `users.getUser`. */
function allMethods(): readonly string[] {
  const client = createClerkClient({ secretKey: 'sk_test_x' })
  return Object.entries<object>(client as unknown as Record<string, object>)
    .filter(([api]) => !OTHER_MEMBERS.includes(api))
    .flatMap(([api, { constructor }]) =>
      Object.getOwnPropertyNames(constructor.prototype)
        .filter((name) => name !== 'constructor')
        .map((name) => `${api}.${name}`),
    )
}

function call(it: Fresh, method: string, args: readonly unknown[]): Promise<unknown> {
  const [api = '', name = ''] = method.split('.')
  const apis = it as unknown as Record<string, Record<string, (...all: readonly unknown[]) => Promise<unknown>>>
  return apis[api]![name]!(...args)
}

/** The class of a result, such as `User`, `page of User` or `User[]`. If the client has none: its `object`, or its fields. */
function kindOf(result: unknown): string {
  if (typeof result !== 'object' || result === null) return typeof result
  if (Array.isArray(result)) return `${kindOf(result[0])}[]`
  if ('data' in result && Array.isArray(result.data)) return `page of ${kindOf(result.data[0])}`
  const { name } = result.constructor
  if (name !== 'Object') return name.replace(/^_/, '')
  return 'object' in result ? String(result.object) : `{ ${Object.keys(result).join(', ')} }`
}
