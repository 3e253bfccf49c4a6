import { requireAuth, type Requirement } from '@clerk-auth/express'
import { expect, test } from 'vitest'
import { readAllowFile, withoutAccepted } from '../../src/routes/allow-file.js'
import { findingLine } from '../../src/routes/finding.js'
import { matrixPage } from '../../src/routes/matrix.js'
import { changesSince, readSnapshot } from '../../src/routes/snapshot.js'
import { check, route, type ServedRoute } from './served.js'

/** The routes of an application, with what one of them requires. */
function routes(requirement: Requirement = { role: 'org:admin' }, more: readonly ServedRoute[] = []) {
  return [
    route('POST /jobs', requireAuth({ acceptsToken: 'm2m_token' })),
    route('GET /invoices', requireAuth(requirement)),
    ...more,
  ]
}

async function changes(before: readonly ServedRoute[], now: readonly ServedRoute[], edit = (page: string) => page) {
  const page = matrixPage((await check(before)).matrix)
  return changesSince(readSnapshot(edit(page)), (await check(now)).matrix).map(findingLine)
}

test('the page says in words who gets in where, and is the same for another instance', async () => {
  const { matrix } = await check(routes())
  expect(matrixPage((await check(routes().toReversed())).matrix)).toBe(matrixPage(matrix))
  expect(matrixPage(matrix)).toMatchInlineSnapshot(`
    "# Who gets in where

    Written by \`npx @clerk-auth/local routes --write-snapshot\`, and compared by \`--check --snapshot\`. Each caller was tried on each route: it passes the guards, or is refused with this code.

    ## Guards

    | Route | Guard |
    | --- | --- |
    | GET /invoices | signed in, role org:admin in the active organization |
    | POST /jobs | M2M token |

    ## People

    | Route | anonymous | alice (org:admin of acme) | bob (org:member of acme) | carol (org:admin of globex) | dave (no organization) |
    | --- | --- | --- | --- | --- | --- |
    | GET /invoices | credentials-missing | passes | role-missing | passes | role-missing |
    | POST /jobs | credentials-missing | token-type-mismatch | token-type-mismatch | token-type-mismatch | token-type-mismatch |

    ## Machines

    | Route | worker (machine) | api (machine) | billing (machine) |
    | --- | --- | --- | --- |
    | POST /jobs | passes | machine-out-of-scope | machine-out-of-scope |

    All other routes refuse them: token-type-mismatch.

    ## OAuth clients

    Every route refuses them: token-type-mismatch.

    | Route | cli (OAuth client of alice) | partner (OAuth client of alice) |
    | --- | --- | --- |

    ## API keys

    Every route refuses them: token-type-mismatch.

    | Route | alice (API key) |
    | --- | --- |
    "
  `)
})

test('nothing has changed since a page that a formatter has aligned', async () => {
  const aligned = (page: string) =>
    page.replaceAll(' | ', '    |  ').replaceAll('---', ':--------').replaceAll('\n', '\r\n')
  expect(await changes(routes(), routes(), aligned)).toEqual([])
})

test('a weaker role is a change of the guard and of who passes', async () => {
  expect(await changes(routes(), routes({ role: ['org:admin', 'org:member'] }))).toEqual([
    'GET /invoices: the guard is now "signed in, role org:admin or org:member in the active organization", was "signed in, role org:admin in the active organization"',
    'GET /invoices: bob (org:member of acme) now passes, was refused role-missing',
  ])
})

test('another kind of caller is a change, although the route was not in its table', async () => {
  const changed = await changes(routes(), routes({ acceptsToken: ['session_token', 'api_key'] }))
  expect(changed).toContain('GET /invoices: alice (API key) now passes, was refused token-type-mismatch')
  expect(changed).toContain(
    'GET /invoices: bob (org:member of acme), dave (no organization) now pass, were refused role-missing',
  )
})

test('routes and personas that came or went are changes', async () => {
  const erin = { personas: { erin: { sessionToken: { user: 'bob', role: 'org:admin' } } } }
  const before = matrixPage((await check(routes({}, [route('GET /old', requireAuth())]))).matrix)
  const now = await check(routes({}, [route('GET /a|b', requireAuth({ role: 'org:admin' }))]), erin)
  expect(changesSince(readSnapshot(before), now.matrix).map(findingLine)).toEqual([
    'personas: erin is not in the snapshot',
    'GET /old: is in the snapshot, but no longer in the application',
    'GET /a|b: is new: signed in, role org:admin in the active organization; passes: alice (org:admin of acme), carol (org:admin of globex), erin',
  ])
  expect(changesSince(readSnapshot(matrixPage(now.matrix)), now.matrix)).toEqual([])
})

test('another file is not a snapshot', () => {
  expect(() => readSnapshot('# Changes\n\n| Version | Date |\n| --- | --- |\n')).toThrow(
    'it is not a snapshot: write one with --write-snapshot',
  )
})

test('accepted findings are left out, and entries that accept nothing are findings', () => {
  const accepted = readAllowFile(
    '# reviewed in May\n\nGET /metrics   scraped inside the cluster\nGET /gone  no longer there\n',
    'allow.txt',
  )
  const findings = ['GET /metrics', 'GET /open'].map((route) => ({ route, text: 'no guard' }))
  expect(withoutAccepted(findings, accepted).map(findingLine)).toEqual([
    'GET /open: no guard',
    'GET /gone: nothing to accept any more: remove it from allow.txt:4',
  ])
})

test.each([
  ['/metrics', 'allow.txt:1: an accepted finding is "METHOD /path  reason"'],
  ['\nGET /metrics', 'allow.txt:2: say why this is accepted, after the path'],
])('an entry %j is refused in one line', (text, message) => {
  expect(() => readAllowFile(text, 'allow.txt')).toThrow(message)
})

test('a finding is one line, whatever the names', () => {
  expect(findingLine({ route: 'GET /a\nGET /b', text: 'no \u001b[2Jguard' })).toMatch(/^GET [ -~]+guard$/)
})
