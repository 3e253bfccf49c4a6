import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { OperationView } from '../src/control/operations-api.js'
import { startLocalClerk, type LocalClerk, type Seed } from '../src/index.js'
import { accessibilityProblems, skipBrowserTests, launchBrowser, overflowOf } from './browser.js'
import { publishedKids, start } from './start.js'
import { call, keysOf } from './tokens.js'
import { deadUrl, startReceiverOfAnything } from './webhook-receiver.js'

type Local = Pick<LocalClerk, 'url' | 'env'>

const PERMISSIONS = ['clipboard-read', 'clipboard-write']

let browser: Browser
/** The shared page, while no test uses it. */
let idlePage: Page | undefined

/** What the browser itself logs when the instance does not answer. */
const CONNECTION_ERRORS = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)/

/** Console messages, exceptions, and requests to other origins: none are allowed. */
let violations: string[] = []

describe.skipIf(skipBrowserTests)('the page', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    browser = await launchBrowser()
    idlePage = await (await browser.newContext({ permissions: PERMISSIONS })).newPage()
  })
  afterAll(() => browser?.close())
  beforeEach(() => {
    violations = []
  })
  afterEach(() => {
    if (violations.length > 0)
      throw new Error(`the page logged, threw or sent a foreign request: ${violations.join('; ')}`)
  })

  describe('shows', () => {
    test('people, organizations, machines and clients as cards', async () => {
      const page = await open(await start())
      const alice = page.getByRole('article', { name: 'alice' })
      expect(await alice.innerText()).toMatch(/alice@acme\.example[^]*Member of[^]*acme\s*org:admin\s*default/)
      expect(await page.getByRole('article', { name: 'dave' }).innerText()).toContain('no organization')
      expect(await page.getByRole('article', { name: 'acme' }).innerText()).toMatch(
        /Plan\s+pro\s+Features\s+invoices\s+reports\s+Members\s+alice\s+bob/,
      )
      expect(await page.getByRole('article', { name: 'worker' }).innerText()).toMatch(/May call\s+api/)
      expect(await page.getByRole('article', { name: 'cli' }).innerText()).toContain('Command line')
      expect(await page.locator('nav').innerText()).toMatch(/People 4\s+Organizations 2\s+Machines 3\s+OAuth clients 2/)
    })

    test('the address, key and clock of the instance, also when the clock is moved or stopped', async () => {
      const local = await start()
      const page = await open(local)
      expect(await page.locator('#address').innerText()).toBe(local.url)
      expect(await page.locator('#key').innerText()).toBe(local.kid)
      expect(await page.locator('#clock-note').innerText()).toBe('real time')
      local.clock.advance(-120_000)
      await page.reload()
      await page.getByText('moved back 2 min').waitFor()
      local.clock.set(Date.UTC(2030, 0))
      await page.reload()
      await page.getByText('stopped').waitFor()
      expect(await page.locator('#clock').innerText()).toBe('2030-01-01 00:00:00Z')
    })

    test('hints if there are no people, organizations or clients', async () => {
      const page = await open(
        await start({ seed: { organizations: {}, people: {}, machines: { api: {} }, clients: {} } }),
      )
      expect(await page.locator('main').innerText()).toMatch(
        /No people\. They come from a seed[^]*No organizations\.[^]*No OAuth clients\.[^]*None yet\./,
      )
      expect(await accessibilityProblems(page)).toEqual([])
    })

    test('changes without losing the focus or the selection', async () => {
      const local = await start()
      const page = await open(local)
      const organization = page.getByLabel('Organization in a session token of alice')
      await organization.selectOption('none')
      await organization.focus()
      const user = { username: 'erin', email_address: ['erin@acme.example'] }
      expect((await call(local, 'POST', '/v1/users', { body: user })).status).toBe(200)
      await page.getByRole('article', { name: 'erin' }).waitFor()
      await local.apiKey({ subject: 'alice' })
      await fetch(keysOf(local))
      await page.getByRole('article', { name: 'alice' }).getByText('Tokens and keys: 1').waitFor()
      expect(await organization.inputValue()).toBe('none')
      expect(await organization.evaluate((select) => select === document.activeElement)).toBe(true)
    })

    test('the first 200 people, and finds others with one request per search', async () => {
      const page = await open(await start({ seed: seedOfSize(500) }))
      expect(await page.locator('#people-list > li').count()).toBe(200)
      expect(await page.locator('#people-note').innerText()).toBe('The first 200 of 500. Search to see others.')
      const searches: string[] = []
      page.on('request', (request) => searches.push(new URL(request.url()).search))
      await page.getByRole('searchbox', { name: 'Search by name, email address or id' }).pressSequentially('person-49')
      await page.getByText('Found for “person-49”: 11 people, 0 organizations').waitFor()
      expect(await page.locator('#people-list > li').count()).toBe(11)
      expect(await page.locator('#found').getAttribute('role')).toBe('status')
      expect(searches.filter((search) => search.startsWith('?q=p'))).toEqual(['?q=person-49'])
    })
  })

  describe('mints and copies', () => {
    const verifyJwt = async (local: Local, token: string) =>
      (await jwtVerify(token, createRemoteJWKSet(keysOf(local as LocalClerk)), { issuer: local.url })).payload
    const introspectAt = (path: string, field: string) => async (local: Local, token: string) => {
      const { status, body } = await call(local, 'POST', path, { body: { [field]: token } })
      return { status, ...body }
    }

    test.each([
      ['a session token of bob', verifyJwt, (local: LocalClerk) => ({ sub: local.people.bob.id, o: { slg: 'acme' } })],
      [
        'an OAuth JWT of bob',
        verifyJwt,
        (local: LocalClerk) => ({ sub: local.people.bob.id, scope: 'openid profile email' }),
      ],
      [
        'an OAuth token of bob',
        introspectAt('/oauth_applications/access_tokens/verify', 'access_token'),
        (local: LocalClerk) => ({ status: 200, subject: local.people.bob.id }),
      ],
      [
        'an API key of bob',
        introspectAt('/api_keys/verify', 'secret'),
        (local: LocalClerk) => ({ status: 200, subject: local.people.bob.id }),
      ],
      [
        'an API key of globex',
        introspectAt('/api_keys/verify', 'secret'),
        (local: LocalClerk) => ({ status: 200, subject: local.organizations.globex.id }),
      ],
      [
        'an M2M token of worker',
        introspectAt('/m2m_tokens/verify', 'token'),
        (local: LocalClerk) => ({ status: 200, subject: local.machines.worker.id, scopes: [local.machines.api.id] }),
      ],
      ['an M2M JWT of worker', verifyJwt, (local: LocalClerk) => ({ sub: local.machines.worker.id })],
    ] as const)('%s that is valid', async (name, verify, expected) => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click()
      await page
        .getByRole('status')
        .filter({ hasText: `Copied: ${name}` })
        .waitFor()
      expect(await verify(local, await clipboardOf(page))).toMatchObject(expected(local))
    })

    test('a session token for the selected organization and lifetime', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByLabel('Organization in a session token of alice').selectOption('none')
      await page.getByLabel('Lifetime of a session token of alice').selectOption('8 h')
      await copy(page, 'Copy a session token of alice')
      const { iat = 0, exp = 0, ...claims } = await verifyJwt(local, await clipboardOf(page))
      expect(exp - iat).toBe(8 * 3600)
      expect(claims['o']).toBeUndefined()
    })

    test('a curl command', async () => {
      const local = await start()
      const page = await open(local)
      await copy(page, 'Copy a session token as curl of alice')
      const [, token = ''] =
        /^curl -H 'authorization: Bearer (\S+)' http:\/\/localhost:3000\/$/.exec(await clipboardOf(page)) ?? []
      expect(await verifyJwt(local, token)).toMatchObject({ sub: local.people.alice.id })
    })

    test('the environment as shell commands, and ids', async () => {
      const local = await start()
      const page = await open(local)
      await copy(page, 'Copy environment')
      const lines = await clipboardOf(page)
      expect(lines.split('\n')).toContain(`export CLERK_SECRET_KEY='${local.env.CLERK_SECRET_KEY}'`)
      const { stdout } = await promisify(execFile)('sh', ['-c', `${lines}env`], { env: {} })
      for (const [name, value] of Object.entries(local.env)) expect(stdout).toContain(`${name}=${value}\n`)
      await copy(page, 'Copy the id of billing')
      expect(await clipboardOf(page)).toBe(local.machines.billing.id)
    })

    test('a token by hand if the browser denies access to the clipboard', async () => {
      const local = await start()
      const page = await open(local, {}, () => {
        navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'))
      })
      const button = page.getByRole('button', { name: 'Copy a session token of alice', exact: true })
      await button.click()
      const field = page.getByRole('dialog', { name: 'A session token of alice' }).getByRole('textbox')
      await field.waitFor()
      const { value, selected, isReadOnly } = await field.evaluate((element) => {
        const { value, selectionStart, selectionEnd, readOnly } = element as HTMLTextAreaElement
        return { value, selected: value.slice(selectionStart, selectionEnd), isReadOnly: readOnly }
      })
      expect([isReadOnly, selected]).toEqual([true, value])
      expect(await verifyJwt(local, value)).toMatchObject({ sub: local.people.alice.id })
      expect(await accessibilityProblems(page)).toEqual([])
      await page.keyboard.press('Escape')
      // The browser fires `close` after the key press has been handled.
      await expect.poll(() => page.locator('#by-hand-text').inputValue()).toBe('')
      expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
    })

    test('nothing when refused, and says why', async () => {
      const local = await start()
      const page = await open(local)
      // Otherwise the card would disappear before it is used.
      await page.getByRole('button', { name: 'Pause' }).click()
      const dave = local.people.dave.id
      await call(local, 'DELETE', `/v1/users/${dave}`)
      await page.getByRole('button', { name: 'Copy a session token of dave', exact: true }).click()
      const error = page.locator('#status').filter({ hasText: 'there is no user' })
      await error.waitFor()
      expect(await error.innerText()).toBe(`there is no user "${dave}", only alice, bob, carol.`)
      // The browser logs the 422 response.
      violations = violations.filter((line) => !line.includes('status of 422'))
    })

    test('with the keyboard alone, starting from the skip link', async () => {
      const local = await start()
      const page = await open(local)
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('Skip to main content')
      await page.keyboard.press('Enter')
      const visited: string[] = []
      while (visited.at(-1) !== 'Copy a session token of alice' && visited.length < 12) {
        await page.keyboard.press('Tab')
        expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).not.toBe('none')
        visited.push(await focused(page))
      }
      expect(visited).toEqual([
        'search',
        'Copy the id of alice',
        'Organization in a session token of alice',
        'Lifetime of a session token of alice',
        'Copy a session token of alice',
      ])
      await page.keyboard.press('Enter')
      await page.getByText('Copied: a session token of alice').waitFor()
      expect(await verifyJwt(local, await clipboardOf(page))).toMatchObject({ sub: local.people.alice.id })
    })
  })

  test('revokes API keys, lists tokens without their secrets, and lists live sessions', async () => {
    const local = await start()
    const [key, kept] = [await local.apiKey({ subject: 'alice' }), await local.oauthToken({ format: 'opaque' })]
    await local.sessionToken({ user: 'alice' })
    const page = await open(local)
    const alice = page.getByRole('article', { name: 'alice' })
    await alice.getByText('Tokens and keys: 2 · Live sessions: 1').click()
    expect(await alice.getByRole('table', { name: 'Live sessions of alice' }).innerText()).toMatch(/acme\s+active/)
    const content = await page.content()
    for (const secret of [key, kept]) expect(content).not.toContain(secret)

    const row = alice.getByRole('row', { name: 'API key' })
    await row.getByRole('button', { name: /^Revoke API key ak_/ }).click()
    await page.getByText(/^Revoked: API key ak_/).waitFor()
    expect(await row.innerText()).toMatch(/API key\s+revoked/)
    expect(await focused(page)).toBe('revoked')
    expect((await call(local, 'POST', '/api_keys/verify', { body: { secret: key } })).status).toBe(404)
    const { status } = await call(local, 'POST', '/oauth_applications/access_tokens/verify', {
      body: { access_token: kept },
    })
    expect(status).toBe(200)
    expect(await accessibilityProblems(page)).toEqual([])
  })

  describe('decodes', () => {
    test.each([
      [
        'a valid token',
        (it: LocalClerk) => it.sessionToken({ ttlInSeconds: 3600 }),
        'Session token (JWT)',
        'Accepted',
        /^It is valid for another (1 h|59 min)/,
      ],
      [
        'an expired token',
        (it: LocalClerk) => it.sessionToken({ ttlInSeconds: -90 }),
        'Session token (JWT)',
        'Refused: 401 token-expired',
        /^It expired 1 min 3\d s ago\. Its lifetime is 1 min\.$/,
      ],
      [
        'a tampered token',
        async (it: LocalClerk) => tampered(await it.sessionToken()),
        'Session token (JWT)',
        'Refused: 401 token-invalid-signature',
        /^It is valid for another/,
      ],
      [
        'an opaque token',
        (it: LocalClerk) => it.apiKey(),
        'API key (opaque)',
        'Refused: 401 token-type-mismatch',
        /^$/,
      ],
      [
        'nonsense',
        async () => '<img src=x onerror=alert(1)>-and-more',
        'Not a Clerk token, or an incomplete one',
        'Refused: 400 credentials-malformed',
        /^$/,
      ],
    ] as const)('%s, and never shows it', async (_, mint, title, verdict, state) => {
      const local = await start()
      const token = await mint(local)
      const page = await open(local)
      await page.getByRole('textbox', { name: 'Token' }).fill(token)
      await page.locator('#explanation').getByText(verdict, { exact: true }).waitFor()
      await page
        .locator('#heard')
        .filter({ hasText: `${title}. ${verdict}.` })
        .waitFor()
      expect(await page.locator('#explanation h3').innerText()).toBe(title)
      expect((await page.locator('#explanation .state').allInnerTexts()).join()).toMatch(state)
      const content = await page.content()
      for (const secret of [token, token.split('.').at(-1)!]) expect(content).not.toContain(secret)
      expect(page.url()).toBe(`${local.url}/`)
      expect(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0)
      expect(await accessibilityProblems(page)).toEqual([])
    })

    test('claims with their meaning, and the lifetime as a diagram with a text alternative', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('textbox', { name: 'Token' }).fill(await local.sessionToken({ ttlInSeconds: 3600 }))
      const claims = page.getByRole('table', { name: 'Claims' })
      await claims.waitFor()
      expect(await claims.innerText()).toMatch(
        /exp\s+\d{10}\s+expires (20\d\d-\d\d-\d\d )?\d\d:\d\d:\d\dZ, in (1 h|59 min)/,
      )
      expect(await claims.innerText()).toMatch(new RegExp(`sub\\s+${local.people.alice.id}\\s+subject`))
      expect(await page.getByRole('table', { name: 'Header' }).innerText()).toContain(local.kid)
      const diagram = page.getByRole('img', { name: /^Timeline: not before .*; issued .*; now .*; expires .*, in / })
      expect(await diagram.locator('text').allTextContents()).toEqual(['not before', 'issued', 'now', 'expires'])
      const [, , now = 0, expires = 0] = await diagram
        .locator('text')
        .evaluateAll((labels) => labels.map((label) => Number.parseFloat(label.getAttribute('x')!)))
      expect(now).toBeLessThan(expires)
    })

    test('for an API that accepts another kind, and at the time of the instance', async () => {
      const local = await start()
      local.clock.advance(-86_400_000)
      const page = await open(local)
      const verdict = page.locator('.verdict-title')
      await page.getByRole('textbox', { name: 'Token' }).fill(await local.m2mToken({ format: 'jwt' }))
      await verdict.getByText('token-type-mismatch').waitFor()
      await page.getByLabel('An API that accepts').selectOption('M2M tokens')
      await verdict.getByText('token-expired').waitFor()
      await page.getByLabel('Current time').selectOption('instance clock')
      await verdict.getByText('Accepted').waitFor()
      expect(await page.locator('.state').innerText()).toMatch(/^It is valid for another/)
    })

    test('an opaque token from the record of the instance', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByLabel('An API that accepts').selectOption('API keys')
      await page.getByRole('textbox', { name: 'Token' }).fill(await local.apiKey({ scopes: ['read'] }))
      await page.locator('.verdict-title').getByText('Accepted').waitFor()
      expect(await page.getByRole('table', { name: 'Record of the instance' }).innerText()).toMatch(
        /scopes\s+\["read"\]/,
      )
      await page.getByRole('img', { name: /never expires\.$/ }).waitFor()
    })

    test('nothing after the field was cleared or the page was left', async () => {
      const local = await start()
      const page = await open(local)
      const field = page.getByRole('textbox', { name: 'Token' })
      await field.fill(await local.sessionToken())
      await page.locator('.verdict').waitFor()
      await page.getByRole('button', { name: 'Clear', exact: true }).click()
      expect(await page.locator('#explanation').innerText()).toBe('')
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
      await field.fill(await local.sessionToken())
      await page.reload()
      expect(await field.inputValue()).toBe('')
      await field.fill(await local.sessionToken())
      await page.goto('about:blank')
      await page.goBack()
      expect(await field.inputValue()).toBe('')
      // Simulates a browser that keeps the page in its back/forward cache, which Chromium does not do here.
      await field.fill(await local.sessionToken())
      await page.evaluate(() => dispatchEvent(new Event('pagehide')))
      expect(await field.inputValue()).toBe('')
    })
  })

  describe('the last requests', () => {
    test('appear automatically, newest first, and are not announced to screen readers', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('searchbox', { name: 'Search by name' }).focus()
      await call(local, 'GET', '/v1/users/user_x')
      local.fault('GetJWKS', { status: 503, times: 1 })
      await fetch(keysOf(local))
      await call(local, 'GET', '/v1/jwks', { key: 'sk_test_wrong' })
      const table = page.getByRole('table', { name: 'The last requests, newest first' })
      await table.getByText('clerk_key_invalid').waitFor()
      const [wrong, faulty, unknown] = await table.locator('tbody tr').allInnerTexts()
      expect(wrong).toMatch(/^\d\d:\d\d:\d\dZ\s+GET\s+\/v1\/jwks\s+GetJWKS\s+401\s+[\d.]+ ms\s+clerk_key_invalid$/)
      expect(faulty).toMatch(/GET\s+\/\.well-known\/jwks\.json\s+GetJWKS\s+503 fault\s+[\d.]+ ms\s+\S+$/)
      expect(unknown).toMatch(/GET\s+\S+\s+GetUser\s+404\s+[\d.]+ ms\s+resource_not_found$/)
      expect(await focused(page)).toBe('search')
      expect(
        await table.evaluate((it) => it.closest('[aria-live], [role=status], [role=log], [role=alert]')),
      ).toBeNull()
      expect(await accessibilityProblems(page)).toEqual([])
    })

    test('do not update while paused, and are not fetched while the page is hidden', async () => {
      const local = await start()
      const page = await open(local)
      let fetches = 0
      page.on('request', (request) => void (fetches += request.url().endsWith('/_local/calls') ? 1 : 0))
      const pause = page.getByRole('button', { name: 'Pause the list of requests', pressed: false })
      await pause.click()
      await page.waitForTimeout(300)
      const whilePaused = fetches
      await page.waitForTimeout(2500)
      expect(fetches).toBe(whilePaused)
      await call(local, 'GET', '/v1/users')
      await page.getByRole('button', { name: 'Pause the list of requests', pressed: true }).click()
      await page.locator('#requests-body').getByText('GetUserList').waitFor()

      await page.evaluate(() => Object.defineProperty(document, 'hidden', { value: true, configurable: true }))
      await page.waitForTimeout(300)
      const whileHidden = fetches
      await page.waitForTimeout(2500)
      expect(fetches).toBe(whileHidden)
      await fetch(keysOf(local))
      await page.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: false })
        document.dispatchEvent(new Event('visibilitychange'))
      })
      await page.locator('#requests-body').getByText('GetJWKS').waitFor()
    })
  })

  test('shows every column of the last requests and deliveries at 1280 pixels', async () => {
    const local = await start()
    local.webhooks.add({ url: await deadUrl() })
    local.webhooks.send('organizationMembership.deleted', {})
    await local.webhooks.settled()
    local.fault('CreateSessionTokenFromTemplate', { status: 503 })
    await call(local, 'POST', '/v1/sessions/sess_0123456789abcdefghijklmnopq/tokens/api')
    await call(local, 'POST', '/oauth_applications/access_tokens/verify', { body: { access_token: 'x' } })
    for (const { id, method, path } of longestOperations(await operationsOf(local))) {
      local.fault(id, { status: 503 })
      await call(local, method, path.replaceAll(/\{\w+\}/g, 'orginv_0123456789abcdefghijklmnopq'))
    }
    const { body } = await call(local, 'POST', '/v1/sign_in_tokens', { body: { user_id: local.people.alice.id } })
    for (let i = 0; i < 2; i++) await call(local, 'POST', `/v1/sign_in_tokens/${body['id']}/revoke`)
    const page = await open(local, { viewport: { width: 1280, height: 900 } })
    await page.getByText('sign_in_token_cannot_be_revoked_code').waitFor()
    await page.getByText('ECONNREFUSED, retry at').waitFor()
    expect(await page.locator('#requests-body').getByText('service_unavailable').count()).toBe(4)
    for (const id of ['requests', 'keys', 'webhook-endpoints', 'webhook-deliveries']) {
      const region = page.locator(`#${id}-region`)
      expect([id, await region.evaluate((it) => it.scrollWidth - it.clientWidth)]).toEqual([id, 0])
    }
  })

  describe('controls', () => {
    test('the clock: moves it forward and back, stops it at a time, and restarts it', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('spinbutton', { name: 'Move by' }).fill('1.5')
      await page.getByLabel('Unit').selectOption('hours')
      await page.getByRole('button', { name: 'Forward' }).click()
      await page.getByText('moved forward 1 h 30 min').waitFor()
      expect(Math.round((local.clock.now() - Date.now()) / 60_000)).toBe(90)
      await page.getByRole('button', { name: 'Back', exact: true }).click()
      await page.getByText('real time').first().waitFor()
      expect(Math.round((local.clock.now() - Date.now()) / 60_000)).toBe(0)
      await page.getByLabel('Time (UTC)').fill('2030-01-01T12:00')
      await page.getByRole('button', { name: 'Stop the clock at this time' }).click()
      await page.getByText('The clock was stopped at 2030-01-01 12:00:00Z').waitFor()
      expect(local.clock.now()).toBe(Date.UTC(2030, 0, 1, 12))
      await page.locator('#clock').filter({ hasText: '2030-01-01 12:00:00Z' }).waitFor()
      await page.getByRole('button', { name: 'Return to real time' }).click()
      await page.locator('#clock-note').filter({ hasText: 'real time' }).waitFor()
      expect(Math.abs(local.clock.now() - Date.now())).toBeLessThan(10_000)
    })

    test('keys: rotates them with or without overlap, and withdraws one', async () => {
      const local = await start()
      const first = local.kid
      const page = await open(local)
      const table = page.getByRole('table', { name: 'The published keys' })
      await page.getByRole('button', { name: 'Rotate', exact: true }).click()
      await table.getByRole('row', { name: `${first} ES256 published` }).waitFor()
      expect(local.kid).not.toBe(first)
      await table.getByRole('row', { name: `${local.kid} ES256 signs` }).waitFor()
      await page.locator('#key').filter({ hasText: local.kid }).waitFor()

      await page.getByRole('button', { name: `Withdraw key ${first}` }).click()
      await page.getByText(`Withdrawn: key ${first}`).waitFor()
      expect(await publishedKids(local)).toEqual([local.kid])
      expect(await focused(page)).toBe('Keys')

      await page.getByRole('button', { name: 'Rotate and withdraw the others' }).click()
      await page.getByText('The others were withdrawn.').waitFor()
      expect(await publishedKids(local)).toEqual([local.kid])
      await page.getByRole('button', { name: `Withdraw key ${local.kid}` }).click()
      await page.getByText('The signing key is not published.').waitFor()
      expect(await publishedKids(local)).toEqual([])
    })

    test('faults: sets them with every option, shows the calls left, and clears them', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('combobox', { name: 'Operation that fails' }).fill('GetJWKS')
      await page.getByLabel('Status', { exact: true }).fill('429')
      await page.getByLabel('Retry-After (s)').fill('7')
      await page.getByLabel('Delay (ms)').fill('10')
      await page.getByLabel('Number of calls').fill('2')
      await page.getByText('Body and headers').click()
      await page.getByLabel('Body', { exact: true }).fill('<html>')
      await page.getByLabel('Headers, one per line').fill('content-type: text/html\nx-url: http://a:1')
      await page.getByRole('button', { name: 'Set fault' }).click()
      const table = page.getByRole('table', { name: 'The faults' })
      const row = table.getByRole('row', {
        name: 'GetJWKS status 429, Retry-After 7 s, after 10 ms, body <html>, headers content-type, x-url 2',
      })
      await row.waitFor()
      const answer = await fetch(keysOf(local))
      expect([answer.status, await answer.text()]).toEqual([429, '<html>'])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'retry-after': '7',
        'content-type': 'text/html',
        'x-url': 'http://a:1',
      })
      await table.getByRole('row', { name: /^GetJWKS .* 1 Clear/ }).waitFor()

      await page.getByRole('combobox', { name: 'Operation that fails' }).fill('verifyApiKey')
      await page.getByLabel('No response').check()
      await page.getByRole('button', { name: 'Set fault' }).click()
      await table.getByRole('row', { name: 'verifyApiKey no response 2' }).waitFor()
      await page.getByRole('button', { name: 'Clear the fault for GetJWKS' }).click()
      await page.getByText('Cleared: fault for GetJWKS').waitFor()
      expect(await focused(page)).toBe('Faults')
      expect((await fetch(keysOf(local))).status).toBe(200)
      await page.getByRole('button', { name: 'Clear all faults' }).click()
      await page.getByText('No faults.').waitFor()
      expect(await accessibilityProblems(page)).toEqual([])
    })

    test('faults: says why one is refused', async () => {
      const page = await open(await start())
      const operation = page.getByRole('combobox', { name: 'Operation that fails' })
      await operation.fill('GetUsers')
      expect(await operation.evaluate((it) => (it as HTMLInputElement).validationMessage)).toBe(
        'Choose an operation from the list',
      )
      await operation.fill('GetUser')
      await page.getByLabel('Status', { exact: true }).fill('')
      await page.getByRole('button', { name: 'Set fault' }).click()
      const error = page.locator('#status').filter({ hasText: 'a fault requires at least one of' })
      expect(await error.innerText()).toContain('status, body')
      expect(await page.getByText('No faults.').isVisible()).toBe(true)
      // The browser logs the 422.
      violations = violations.filter((line) => !line.includes('status of 422'))
    })

    test('webhooks: adds an endpoint, sends a test, sends it again, and removes the endpoint', async () => {
      const local = await start()
      const receiver = await startReceiverOfAnything((response, _request, { length }) =>
        response.writeHead(length === 1 ? 500 : 204).end(),
      )
      const page = await open(local)
      await page.getByRole('button', { name: 'Send a test webhook' }).click()
      await page.getByText('No endpoint receives user.updated: add one first').waitFor()

      await page.getByLabel('Send events to').fill(receiver.url)
      await page.getByRole('button', { name: 'Add endpoint' }).click()
      await page
        .getByRole('table', { name: 'The endpoints' })
        .getByRole('row', { name: `${receiver.url} all` })
        .waitFor()
      await page.getByRole('combobox', { name: 'Event', exact: true }).selectOption('organizationMembership.deleted')
      const data = page.getByLabel('Data (JSON)')
      expect(JSON.parse(await data.inputValue())).toEqual({ object: 'organization_membership', id: 'test' })
      await data.fill('{"id":')
      await page.getByRole('button', { name: 'Send a test webhook' }).click()
      await page.getByText('The data is not JSON.').waitFor()
      expect(await data.evaluate((it) => it === document.activeElement)).toBe(true)
      await data.fill('{"id":"orgmem_1"}')
      await page.getByRole('button', { name: 'Send a test webhook' }).click()
      await receiver.waitFor(1)
      expect(receiver.received[0]?.event).toMatchObject({
        type: 'organizationMembership.deleted',
        data: { id: 'orgmem_1' },
      })
      const deliveries = page.getByRole('table', { name: 'The last deliveries, newest first' })
      await deliveries
        .getByRole('row', { name: /organizationMembership\.deleted .* 500, retry at \d\d:\d\d:\d\dZ 1/ })
        .waitFor()

      await page.getByRole('button', { name: /^Resend organizationMembership\.deleted to / }).click()
      await deliveries.getByRole('row', { name: /organizationMembership\.deleted .* 204, delivered 2/ }).waitFor()
      expect(receiver.received[1]?.headers['svix-id']).toBe(receiver.received[0]?.headers['svix-id'])
      expect(await accessibilityProblems(page)).toEqual([])

      await page.getByRole('button', { name: `Remove ${receiver.url}` }).click()
      await page.getByText('No endpoints.').waitFor()
      expect(local.webhooks.endpoints()).toEqual([])
      expect(await focused(page)).toBe('Webhooks')
    })

    test('the clock with the keyboard alone', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByRole('link', { name: 'Clock' }).press('Enter')
      await page.getByRole('spinbutton', { name: 'Move by' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('The clock now shows').waitFor()
      await page.getByText('moved forward 2 min').waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      expect(await page.locator(':focus').textContent()).toBe('Back')
      expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).not.toBe('none')
      await page.keyboard.press('Space')
      await page.locator('#clock-note').filter({ hasText: 'real time' }).waitFor()
    })

    test('without losing what is being typed or selected', async () => {
      const local = await start()
      const page = await open(local)
      const operation = page.getByRole('combobox', { name: 'Operation that fails' })
      await operation.fill('GetUser')
      const status = page.getByLabel('Status', { exact: true })
      await status.fill('418')
      local.fault('GetJWKS', { status: 500 })
      await page.getByRole('table', { name: 'The faults' }).getByRole('row', { name: 'GetJWKS' }).waitFor()
      expect([await operation.inputValue(), await status.inputValue()]).toEqual(['GetUser', '418'])
      expect(await status.evaluate((it) => it === document.activeElement)).toBe(true)
    })
  })

  describe('all records', () => {
    const summaries = (page: Page) => page.locator('#records-list summary')

    test('are listed by kind, with names and images, filtered, and opened as JSON', async () => {
      const local = await start()
      const page = await open(local)
      await expect.poll(() => summaries(page).allInnerTexts()).toEqual(['dave', 'carol', 'bob', 'alice'])
      const images = page.locator('#records-list img')
      await images.first().scrollIntoViewIfNeeded()
      await expect.poll(() => images.first().evaluate((it) => (it as HTMLImageElement).naturalWidth > 0)).toBe(true)
      // An image of the page is not a request of an application.
      expect(await (await fetch(`${local.url}/_local/calls`)).json()).toMatchObject({ requests: [] })

      const kind = page.getByLabel('Kind of record')
      await kind.selectOption('memberships')
      await expect.poll(() => summaries(page).allInnerTexts()).toContain('alice · acme · org:admin')
      await kind.selectOption('organizations')
      await expect.poll(() => summaries(page).allInnerTexts()).toEqual(['globex', 'acme'])
      await page.getByRole('searchbox', { name: 'Filter records' }).fill('GLOB')
      await page.getByText('1 record', { exact: true }).waitFor()
      await summaries(page).getByText('globex').click()
      const json = page.getByRole('region', { name: `Record ${local.organizations.globex.id}` })
      await json.getByText('"slug"').waitFor()
      expect(JSON.parse(await json.innerText())).toMatchObject({ slug: 'globex', plan: 'pro' })
      await page.getByRole('searchbox', { name: 'Filter records' }).fill('nothing')
      await page.getByText('No records.').waitFor()
    })

    test('include every kind in a group', async () => {
      const local = await start()
      const page = await open(local)
      const { kinds } = (await (await fetch(`${local.url}/_local/records`)).json()) as { kinds: { kind: string }[] }
      const select = page.getByLabel('Kind of record')
      await select.locator('option').first().waitFor({ state: 'attached' })
      const options = await select
        .locator('optgroup > option')
        .evaluateAll((all) => all.map((it) => (it as HTMLOptionElement).value))
      expect(options.toSorted()).toEqual(kinds.map(({ kind }) => kind).toSorted())
      expect(await select.getByText('SAML connections').textContent()).toBe('SAML connections (0)')
    })

    test('show twenty at first and more on request, moving the focus to the first new one', async () => {
      const page = await open(await start({ seed: seedOfSize(130) }))
      const more = page.getByRole('button', { name: 'Show more' })
      await page.getByText('The newest 20 of 130.').waitFor()
      await more.press('Enter')
      await page.getByText('The newest 40 of 130.').waitFor()
      await expect.poll(() => focused(page)).toBe('person-109')
      for (const count of [60, 80, 100]) {
        await more.press('Enter')
        await page.getByText(`The newest ${count} of 130.`).waitFor()
      }
      await page.getByText('Filter to see others.').waitFor()
      expect(await more.isVisible()).toBe(false)
      await expect.poll(() => focused(page)).toBe('person-49')
    })

    test('follow what the Backend API does, without closing an open one or losing the focus', async () => {
      const local = await start()
      const page = await open(local)
      const alice = summaries(page).getByText('alice')
      await alice.waitFor()
      await page.getByRole('searchbox', { name: 'Filter records' }).focus()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('alice')
      await page.keyboard.press('Enter')
      const json = page.getByRole('region', { name: `Record ${local.people.alice.id}` })
      await json.getByText('"first_name": "Alice"').waitFor()
      const body = { first_name: 'Alicia' }
      expect((await call(local, 'PATCH', `/v1/users/${local.people.alice.id}`, { body })).status).toBe(200)
      const added = await call(local, 'POST', '/v1/users', { body: { email_address: ['erin@acme.example'] } })
      expect(added.status).toBe(200)
      await json.getByText('"first_name": "Alicia"').waitFor()
      await summaries(page).getByText('erin').waitFor()
      expect(await page.locator('#records-kind option[value=users]').textContent()).toBe('Users (5)')
      expect(await focused(page)).toBe('alice')
    })
  })

  describe('the outbox', () => {
    test('shows an invitation, whose link works with the keyboard alone', async () => {
      const local = await start()
      const page = await open(local)
      await page.getByText('No emails or text messages yet.').waitFor()
      const body = { email_address: 'erin@acme.example' }
      expect((await call(local, 'POST', '/v1/invitations', { body })).status).toBe(200)
      const summary = page.locator('#outbox-list summary')
      await summary.getByText('to erin@acme.example').waitFor()
      await summary.press('Enter')
      await page.keyboard.press('Tab')
      expect(await focused(page)).toMatch(/^Text of ema_/)
      await page.keyboard.press('Tab')
      const opened = page.context().waitForEvent('page')
      await page.keyboard.press('Enter')
      const answer = await opened
      await answer.getByText('"status":"active"').waitFor()
      await answer.close()
      expect(local.people['erin@acme.example' as 'alice'].memberships).toEqual({})
      await page.getByRole('article', { name: 'erin' }).waitFor()
    })

    test('shows hostile templates as text, without links that run scripts', async () => {
      const local = await start()
      const body = '<img src=x onerror="document.title=1">{{otp_code}} <a href="javascript:document.title=1">go</a>'
      const template = { name: 'Code', subject: '<script>document.title=1</script>', body }
      const changed = await call(local, 'PUT', '/v1/templates/email/verification_code', { body: template })
      expect(changed.status).toBe(200)
      local.signUp({ emailAddress: 'erin@acme.example' })
      const page = await open(local)
      await page.locator('#outbox-list summary').getByText('<script>document.title=1</script>').click()
      await page.locator('#outbox-list li li').getByText('javascript:document.title=1', { exact: true }).waitFor()
      expect(await page.locator('#outbox-list :is(a, img, script)').count()).toBe(0)
      expect(await page.title()).toBe('Local Clerk instance')
    })

    test('is emptied, which moves the focus to its heading', async () => {
      const local = await start()
      local.signUp({ emailAddress: 'erin@acme.example', phoneNumber: '+12025550100' })
      const page = await open(local)
      await page.getByRole('link', { name: 'Outbox 2' }).waitFor()
      await page.getByRole('button', { name: 'Empty the outbox' }).press('Enter')
      await page.getByText('No emails or text messages yet.').waitFor()
      expect(await focused(page)).toBe('Outbox')
      expect([local.outbox.emails(), local.outbox.smsMessages()]).toEqual([[], []])
    })
  })

  describe('calls an operation', () => {
    const operationField = (page: Page) => page.getByRole('combobox', { name: 'Operation of the Backend API' })

    test('and shows the answer and what changed', async () => {
      const local = await start()
      const page = await open(local)
      await operationField(page).fill('CreateUser')
      await page.getByText('Fields of the operation').click()
      await page
        .getByText('Body: external_id, first_name')
        .or(page.getByText(/Body: .*email_address/))
        .waitFor()
      await page.getByLabel('Body (JSON)').fill('{"username":"erin","email_address":["erin@acme.example"]}')
      await page.getByRole('button', { name: 'Send POST' }).click()
      await page.getByText('Status 200', { exact: true }).waitFor()
      const { id } = JSON.parse(await page.getByRole('region', { name: 'Answer' }).innerText()) as { id: string }
      await page.getByRole('article', { name: 'erin' }).waitFor()

      await operationField(page).fill('DeleteUser')
      await page.getByRole('button', { name: 'Send DELETE' }).press('Enter')
      await page.getByText('Replace {user_id} in the path.').waitFor()
      await page.keyboard.type(id)
      await page.keyboard.press('Enter')
      await page.getByRole('article', { name: 'erin' }).waitFor({ state: 'detached' })
      expect((await call(local, 'GET', `/v1/users/${id}`)).status).toBe(404)
    })

    test('that is refused, and shows the error', async () => {
      const page = await open(await start())
      await operationField(page).fill('GetUser')
      await page.getByLabel('Path and query').fill('/v1/users/user_x')
      await page.getByRole('button', { name: 'Send GET' }).click()
      await page.getByText('Status 404').waitFor()
      expect(await page.getByRole('region', { name: 'Answer' }).innerText()).toContain('"code": "resource_not_found"')
      // The browser logs the 404.
      violations = violations.filter((line) => !line.includes('status of 404'))
    })

    test('of all that the instance has, suggested by name and path', async () => {
      const local = await start()
      const page = await open(local)
      const options = page.locator('#operation-names option')
      await options.first().waitFor({ state: 'attached' })
      const names = (await operationsOf(local)).map(({ id }) => id)
      const suggested = await options.evaluateAll((all) => all.map((it) => (it as HTMLOptionElement).value))
      expect(suggested.toSorted()).toEqual(names.toSorted())
      expect(suggested[0]).toBe('GetJWKS')
      expect(await options.nth(0).textContent()).toBe('GET /v1/jwks')
      await operationField(page).fill('GetJWK')
      expect(await operationField(page).evaluate((it) => (it as HTMLInputElement).validity.valid)).toBe(false)
    })
  })

  test('reports that the instance does not answer, and recovers once another one runs', async () => {
    const local = await startLocalClerk({ algorithm: 'ES256' })
    onTestFinished(() => local.close())
    const page = await open(local)
    await local.close()
    await page.getByText(`The instance at ${local.url} does not respond.`).waitFor()
    await page.getByRole('status').filter({ hasText: 'The instance does not respond.' }).waitFor()
    await page.getByRole('button', { name: 'Copy a session token of alice', exact: true }).click()
    expect(await accessibilityProblems(page)).toEqual([])
    const next = await start({ port: Number(new URL(local.url).port) })
    await page.locator('#gone').waitFor({ state: 'hidden' })
    await page.locator('#key').filter({ hasText: next.kid }).waitFor()
    await copy(page, 'Copy a session token of alice')
    const { payload } = await jwtVerify(await clipboardOf(page), createRemoteJWKSet(keysOf(next)))
    expect(payload.sub).toBe(next.people.alice.id)
    // The browser logs the refused connections.
    violations = violations.filter((line) => !CONNECTION_ERRORS.test(line))
  })

  test('reloads everything as soon as the instance is back', async () => {
    const local = await startLocalClerk({ algorithm: 'ES256' })
    onTestFinished(() => local.close())
    const page = await open(local)
    await local.close()
    await page.locator('#gone').waitFor()
    const responses: string[] = []
    page.on('response', (response) => responses.push(new URL(response.url()).pathname))
    const next = await start({ port: Number(new URL(local.url).port) })
    await page.locator('#key').filter({ hasText: next.kid }).waitFor()
    // The first response shows that the instance is back.
    expect(responses.slice(0, 2)).toContain('/_local/directory')
    violations = violations.filter((line) => !CONNECTION_ERRORS.test(line))
  })

  describe('is accessible', () => {
    test.each<[string, BrowserContextOptions]>([
      ['in light', { colorScheme: 'light' }],
      ['in dark', { colorScheme: 'dark' }],
      ['at 360 pixels', { viewport: { width: 360, height: 740 } }],
      ['at 200 % of 1280 pixels', { viewport: { width: 640, height: 450 } }],
      ['in forced colors', { forcedColors: 'active' }],
    ])('%s, with everything filled in and open: no axe violations, no overflow', async (_, options) => {
      const local = await start()
      await local.apiKey()
      await local.m2mToken()
      await fetch(keysOf(local))
      local.fault('verifyOAuthAccessToken', { status: 200, body: 'x'.repeat(100), headers: { 'x-long': 'x' } })
      const receiver = await startReceiverOfAnything()
      for (const url of [receiver.url, `${receiver.url}/${'long'.repeat(30)}`]) local.webhooks.add({ url })
      local.webhooks.send('organizationMembership.updated', {})
      await local.webhooks.settled()
      local.signUp({ emailAddress: 'erin@acme.example', phoneNumber: '+12025550100' })
      const page = await open(local, options)
      await page.getByRole('table', { name: 'The last deliveries, newest first' }).waitFor()
      expect([await accessibilityProblems(page), await overflowOf(page)]).toEqual([[], 0])
      await page.getByRole('textbox', { name: 'Token' }).fill(await local.sessionToken({ ttlInSeconds: -90 }))
      await page.locator('.verdict').waitFor()
      await page.locator('#requests-body').getByText('GetJWKS').waitFor()
      await page.locator('#records-list li').first().waitFor()
      await page.locator('#outbox-list li').first().waitFor()
      await page.getByRole('combobox', { name: 'Operation of the Backend API' }).fill('UpdateInstance')
      await page.getByRole('button', { name: 'Send PATCH' }).click()
      await page.getByText('Status 204').waitFor()
      await page.getByRole('combobox', { name: 'Operation of the Backend API' }).fill('GetInstance')
      await page.getByRole('button', { name: 'Send GET' }).click()
      await page.getByText('Status 200', { exact: true }).waitFor()
      for (const summary of await page.locator('summary:visible').all()) await summary.click()
      expect([await accessibilityProblems(page), await overflowOf(page)]).toEqual([[], 0])
    })

    test('without motion if the user prefers reduced motion', async () => {
      const page = await open(await start(), { reducedMotion: 'reduce' })
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto')
      expect(await page.locator('#status').evaluate((it) => getComputedStyle(it).transitionDuration)).toBe('0s')
    })

    test('with a unique name for every control', async () => {
      const page = await open(await start())
      const controls = page.locator('button:visible, select:visible, input:visible, textarea:visible')
      const names = await controls.evaluateAll((all) =>
        all.map(
          (it) => it.getAttribute('aria-label') ?? (it as HTMLInputElement).labels?.[0]?.textContent ?? it.textContent,
        ),
      )
      expect(names.length).toBeGreaterThan(40)
      expect(names.filter((name, i) => !name?.trim() || names.indexOf(name) !== i)).toEqual([])
    })
  })

  test.each([360, 1280])('shows hostile names as text, at %i pixels', async (width) => {
    const image = '<img/src=x/onerror=document.title=1>'
    const page = await open(
      await start({
        seed: {
          organizations: { acme: { name: 'A'.repeat(256), features: [image], plan: image } },
          roles: { 'org:admin': [] },
          people: {
            [image]: { firstName: 'I', email: `${image}@acme.example`, memberships: { acme: 'org:admin' } },
            ['x'.repeat(10_000)]: { firstName: 'X', email: `${'y'.repeat(10_000)}@acme.example` },
            'ann\u202Enimda': { firstName: 'A', email: 'ann@acme.example' },
          },
          machines: { [image]: {}, api: { scopes: [image] } },
          clients: { [image]: { name: image } },
        },
      }),
      { viewport: { width, height: 800 } },
    )
    expect(await page.locator('#people-list h3').allInnerTexts()).toEqual([
      image,
      `${'x'.repeat(120)}… (10000 characters)`,
      'ann\\u202enimda',
    ])
    await page.locator('#records-list').getByText('ann\\u202enimda').click()
    await page.getByRole('region', { name: 'Record user_' }).getByText('"ann\\u202enimda"').waitFor()
    expect(await page.locator('img:not([src^="/images/user_"]), [onerror]').count()).toBe(0)
    expect(await page.title()).toBe('Local Clerk instance')
    expect([await overflowOf(page), await accessibilityProblems(page)]).toEqual([0, []])
  })

  async function open(
    { url }: Pick<LocalClerk, 'url'>,
    options: BrowserContextOptions = {},
    initScript?: () => void,
  ): Promise<Page> {
    const page = await (initScript || Object.keys(options).length > 0 ? newPage(options) : reusedPage())
    // Bound to this test: a page outlives its instance for a moment.
    const found = violations
    page.on('console', (message) => found.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => found.push(error.message))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (origin !== url && protocol !== 'data:' && request.url() !== 'about:blank')
        found.push(`requested ${request.url()}`)
    })
    if (initScript) await page.addInitScript(initScript)
    await page.goto(url)
    await page.locator('body.is-loaded').waitFor()
    return page
  }

  async function newPage(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext({ permissions: PERMISSIONS, ...options })
    onTestFinished(() => context.close())
    return context.newPage()
  }

  /** Most tests share one page, because a new one takes a second to start. */
  async function reusedPage(): Promise<Page> {
    if (!idlePage) return newPage({})
    const page = idlePage
    idlePage = undefined
    onTestFinished(async () => {
      page.removeAllListeners()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await page.goto('about:blank')
      idlePage = page
    })
    return page
  }
})

async function operationsOf(local: LocalClerk): Promise<readonly OperationView[]> {
  const response = await fetch(`${local.url}/_local/operations`)
  return ((await response.json()) as { readonly operations: readonly OperationView[] }).operations
}

function longestOperations(operations: readonly OperationView[]): readonly OperationView[] {
  return operations.toSorted((one, other) => other.id.length - one.id.length).slice(0, 3)
}

/** Presses a copy button, and waits until the text is copied. */
async function copy(page: Page, name: string): Promise<void> {
  await page.locator('#status').evaluate((status) => (status.textContent = ''))
  await page.getByRole('button', { name, exact: true }).click()
  await page.locator('#status').filter({ hasText: 'Copied: ' }).waitFor()
}

function clipboardOf(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

/** The accessible name of the focused element, or its type. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const it = document.activeElement as HTMLInputElement
    const label = [...(it.labels?.[0]?.querySelectorAll('span') ?? [])].map((span) => span.textContent).join('')
    return (it.getAttribute('aria-label') ?? (label || it.getAttribute('type') || it.textContent) ?? '').trim()
  })
}

function tampered(token: string): string {
  const [header, claims = '', signature] = token.split('.')
  const changed = {
    ...JSON.parse(Buffer.from(claims, 'base64url').toString()),
    sub: 'user_000000000000000000000000000',
  }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

function seedOfSize(size: number): Seed {
  const people = Array.from({ length: size }, (_, i) => [
    `person-${i}`,
    { firstName: 'P', email: `p${i}@acme.example`, memberships: { acme: 'org:member' } },
  ])
  return { organizations: { acme: { name: 'Acme' } }, people: Object.fromEntries(people) }
}
