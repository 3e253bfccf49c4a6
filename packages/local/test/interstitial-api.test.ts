import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { errorBody, start } from './start.js'

const PATH = '/v1/public/interstitial'

function send(local: LocalClerk, query: Record<string, string>): Promise<Response> {
  return fetch(`${local.url}${PATH}?${new URLSearchParams(query).toString()}`)
}

/** Names and values in the description list of the page. */
async function factsOf(response: Response): Promise<Record<string, string>> {
  const found = (await response.text()).matchAll(/<dt>(.*?)<\/dt>\s*<dd>(.*?)<\/dd>/gs)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]))
}

describe('the interstitial page', () => {
  test('needs no key, and shows its parameters', async () => {
    const local = await start()
    const response = await send(local, {
      publishable_key: local.env.CLERK_PUBLISHABLE_KEY,
      proxy_url: 'https://app.example/__clerk',
      domain: 'app.example',
      sign_in_url: 'https://app.example/sign-in',
      use_domain_for_script: 'true',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await factsOf(response)).toEqual({
      Instance: 'this one',
      'Frontend API': new URL(local.url).host,
      'Proxy URL': 'https://app.example/__clerk',
      'Application domain': 'app.example',
      'Sign-in URL': 'https://app.example/sign-in',
      'Script source': 'the application domain',
    })
    expect(local.calls('GetPublicInterstitial')).toBe(1)
  })

  test('recognises the key of another instance', async () => {
    const [local, other] = [await start(), await start()]
    const { Instance, ...facts } = await factsOf(
      await send(local, { publishable_key: other.env.CLERK_PUBLISHABLE_KEY, use_domain_for_script: 'false' }),
    )
    expect(Instance).toMatch(/^another one/)
    expect(facts).toEqual({ 'Frontend API': new URL(other.url).host })
  })

  test.each(['frontend_api', 'frontendApi'])('accepts the frontend API as %s', async (name) => {
    const local = await start()
    const facts = await factsOf(await send(local, { [name]: new URL(local.url).host }))
    expect(facts).toEqual({ Instance: 'this one', 'Frontend API': new URL(local.url).host })
    expect((await factsOf(await send(local, { [name]: 'clerk.app.example' }))).Instance).toMatch(/^another one/)
  })

  test.each([
    ['neither key nor frontend API', {}, 'missing_query_parameter'],
    ['empty parameters', { publishable_key: '', frontend_api: '' }, 'missing_query_parameter'],
    ['an invalid publishable key', { publishable_key: 'pk_test_nonsense' }, 'malformed_publishable_key'],
    ['a secret key', { publishable_key: 'sk_test_abcdefgh' }, 'malformed_publishable_key'],
  ])('is refused with %s', async (_name, query, code) => {
    const response = await send(await start(), query)
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json'])
    const { errors } = await errorBody(response)
    expect(errors).toMatchObject([{ code }])
    expect(JSON.stringify(errors)).not.toMatch(/nonsense|abcdefgh/)
  })

  test('neither runs scripts nor loads anything, whatever its parameters', async () => {
    const local = await start()
    const evil = `"'><script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>&\u202e`
    const names = ['frontend_api', 'proxy_url', 'domain', 'sign_in_url']
    const response = await send(local, Object.fromEntries(names.map((name) => [name, evil])))
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain('sandbox')
    expect(policy).not.toMatch(/unsafe|https?:/)
    const html = await response.text()
    expect(html.match(/<(script|img|link|style|iframe|form|a)\b/gi)).toBeNull()
    expect(html).not.toMatch(/\b(src|href|on\w+)="/)
    expect(html).not.toContain('\u202e')
    expect(html).toContain('&#60;script src=&#34;https://evil.example/x.js&#34;&#62;')
  })

  test('truncates long values', async () => {
    const html = await (await send(await start(), { frontend_api: 'a'.repeat(4000) })).text()
    expect(html).toContain(`<dd>${'a'.repeat(256)}…</dd>`)
    expect(html).not.toContain('a'.repeat(257))
  })

  test.each(['/v1/public', '/v1/public/interstitial/', '/v1/public/other'])(
    'is the only page without a key: %s needs one',
    async (path) => {
      const response = await fetch((await start()).url + path)
      expect([response.status, (await errorBody(response)).errors[0]?.code]).toEqual([
        401,
        'authorization_header_format_invalid',
      ])
    },
  )
})
