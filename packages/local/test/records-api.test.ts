import { describe, expect, test } from 'vitest'
import { errorCode, start } from './start.js'

interface Kinds {
  readonly kinds: readonly { readonly kind: string; readonly total: number }[]
}

interface Records {
  readonly total: number
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

const SECRET = /^(ak|mt|oat|sk|whsec)_\w{42}/

describe('/_local/records', () => {
  test('lists every kind of record with its number', async () => {
    const local = await start()
    const { kinds } = (await (await fetch(`${local.url}/_local/records`)).json()) as Kinds
    expect(kinds).toContainEqual({ kind: 'organizations', total: 2 })
    expect(kinds).toContainEqual({ kind: 'machines', total: 3 })
  })

  test('shows the records of a kind, newest first, a page at a time and filtered', async () => {
    const local = await start()
    const ask = async (query: string) =>
      (await (await fetch(`${local.url}/_local/records/organizations${query}`)).json()) as Records
    const slugs = ({ records }: Records) => records.map(({ slug }) => slug)
    expect(slugs(await ask(''))).toEqual(['globex', 'acme'])
    expect(slugs(await ask('?limit=1&offset=1'))).toEqual(['acme'])
    expect(await ask('?q=GLOB')).toMatchObject({ total: 1, records: [{ slug: 'globex', plan: 'pro' }] })
  })

  test('shows no secret in any kind', async () => {
    const local = await start()
    await local.sessionToken()
    await local.m2mToken()
    await local.oauthToken({ format: 'opaque' })
    await local.apiKey()
    const { kinds } = (await (await fetch(`${local.url}/_local/records`)).json()) as Kinds
    for (const { kind } of kinds) {
      const { records } = (await (await fetch(`${local.url}/_local/records/${kind}?limit=100`)).json()) as Records
      for (const record of records) {
        expect([kind, Object.values(record).filter((value) => SECRET.test(String(value)))]).toEqual([kind, []])
        for (const name of ['private_jwk', 'password', 'totp_secret', 'refresh_token', 'client_secret'])
          expect(record[name] ?? null).toSatisfy((value) => value === null || value === 'hidden')
      }
    }
  })

  test.each([
    ['/_local/records/nothing', 404, 'resource_not_found'],
    ['/_local/records/users?limit=101', 422, 'form_param_value_invalid'],
    ['/_local/records/users?offset=x', 422, 'form_param_value_invalid'],
    [`/_local/records/users?q=${'x'.repeat(201)}`, 422, 'form_param_value_invalid'],
  ])('%.50s is refused', async (path, status, code) => {
    const response = await fetch((await start()).url + path)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
  })
})
