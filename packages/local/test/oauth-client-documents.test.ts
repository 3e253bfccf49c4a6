import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import type { LocalClerk, Seed } from '../src/index.js'
import { documentOf, documentServer, newCertificate } from './document-server.js'
import { authorize, pkce, redirected, token, type Parameters } from './oauth-client.js'
import { start } from './start.js'
import { call } from './tokens.js'

const CALLBACK = 'http://127.0.0.1:5555/callback'
const certificate = newCertificate()
const clientDocuments = { ca: certificate.cert }

function respond(
  response: ServerResponse,
  body: unknown,
  { status = 200, type = 'application/json', location = '' } = {},
) {
  response.writeHead(status, { 'content-type': type, ...(location && { location }) })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A server with one document, at the URL that is the id of its client. */
async function withDocument(change: (document: ReturnType<typeof documentOf>) => unknown = (document) => document) {
  const server = await documentServer(certificate, (_, response) => respond(response, change(documentOf(id))))
  const id = `${server.origin}/editor.json`
  return { ...server, id }
}

function ask(local: Pick<LocalClerk<Seed>, 'url'>, client_id: string, change: Parameters = {}) {
  const { code_verifier, challenge } = pkce()
  const request = { client_id, response_type: 'code', redirect_uri: CALLBACK, _local_user: 'alice', ...challenge }
  return authorize(local, { ...request, ...change }).then((response) => ({ response, code_verifier }))
}

async function refusal(local: Pick<LocalClerk<Seed>, 'url'>, client_id: string, change: Parameters = {}) {
  const { response } = await ask(local, client_id, change)
  expect(response.headers.get('location')).toBeNull()
  const [, reason] = /<p>(.*?)<\/p>/.exec(await response.text()) ?? []
  return [response.status, reason]
}

describe('a client whose id is the URL of its metadata document', () => {
  test('logs in without being registered, and gets new tokens', async () => {
    const local = await start({ clientDocuments })
    const { id, requests } = await withDocument()
    const { response, code_verifier } = await ask(local, id, { scope: 'email offline_access' })
    const { code } = redirected(response).answer
    const request = { grant_type: 'authorization_code', client_id: id, redirect_uri: CALLBACK, code, code_verifier }
    const tokens = await token(local, request)
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: id, scope: 'email offline_access' })
    const refresh = { grant_type: 'refresh_token', client_id: id, refresh_token: tokens.refresh_token }
    expect((await token(local, refresh)).status).toBe(200)
    expect(local.clients).toMatchObject({ Editor: { name: 'Editor', id } })
    expect(requests).toHaveLength(1)
  })

  test('sees in the metadata of the server that it can', async () => {
    const path = '/.well-known/oauth-authorization-server'
    const metadataOf = async ({ url }: { url: string }) => (await fetch(`${url}${path}`)).json()
    const field = 'client_id_metadata_document_supported'
    expect(await metadataOf(await start({ clientDocuments }))).toHaveProperty(field, true)
    expect(await metadataOf(await start())).not.toHaveProperty(field)
  })

  test('is who its document says now', async () => {
    const local = await start({ clientDocuments })
    let name = 'Editor'
    const { id } = await withDocument((document) => ({ ...document, client_name: name }))
    await ask(local, id)
    name = 'Writer'
    await ask(local, id)
    expect(Object.values(local.clients).filter((client) => client.id === id)).toEqual([{ name: 'Writer', id }])
  })

  test('may not ask for more scopes than the default ones and offline_access', async () => {
    const local = await start({ clientDocuments })
    const { id } = await withDocument((document) => ({ ...document, scope: 'private_metadata' }))
    const { response } = await ask(local, id, { scope: 'private_metadata' })
    expect(redirected(response).answer['error']).toBe('invalid_scope')
  })

  test('must use PKCE', async () => {
    const local = await start({ clientDocuments })
    const { id } = await withDocument()
    const { response } = await ask(local, id, { code_challenge: undefined, code_challenge_method: undefined })
    expect(redirected(response).answer['error']).toBe('invalid_request')
  })

  test.each<[string, (document: ReturnType<typeof documentOf>) => unknown, string]>([
    ['another client_id', (it) => ({ ...it, client_id: `${it.client_id}/` }), 'has another client_id than its URL'],
    ['no client_id', (it) => ({ ...it, client_id: undefined }), 'has another client_id than its URL'],
    ['no name', (it) => ({ ...it, client_name: '' }), 'has no client_name'],
    ['no redirect URIs', (it) => ({ ...it, redirect_uris: [] }), 'has no redirect_uris, or invalid ones'],
    [
      'a redirect URI that is a script',
      (it) => ({ ...it, redirect_uris: ['javascript:alert(1)'] }),
      'has no redirect_uris, or invalid ones',
    ],
    ['a secret', (it) => ({ ...it, client_secret: 'x' }), 'is not that of a public client'],
    [
      'authentication',
      (it) => ({ ...it, token_endpoint_auth_method: 'private_key_jwt' }),
      'is not that of a public client',
    ],
    ['a list', () => [], 'has another client_id than its URL'],
    ['text', () => 'hello', 'cannot be read: it is not JSON'],
  ])('is refused if its document has %s', async (_, change, problem) => {
    const local = await start({ clientDocuments })
    const { id } = await withDocument(change)
    expect(await refusal(local, id)).toEqual([401, `The document of the client ${problem}.`])
    expect(Object.values(local.clients).map((client) => client.id)).not.toContain(id)
  })

  test('is refused if the redirect URI is not in its document', async () => {
    const local = await start({ clientDocuments })
    const { id } = await withDocument()
    const [status] = await refusal(local, id, { redirect_uri: 'https://evil.example/' })
    expect(status).toBe(400)
  })
})

describe('a document is not read', () => {
  const unreadable = (reason: string) => [401, `The document of the client cannot be read: ${reason}.`]

  test.each<[string, (response: ServerResponse, url: string) => void, string]>([
    [
      'a redirect',
      (response) => respond(response, '', { status: 302, location: '/other.json' }),
      'its status is 302, not 200',
    ],
    ['an error', (response) => respond(response, '', { status: 500 }), 'its status is 500, not 200'],
    ['HTML', (response) => respond(response, '{}', { type: 'text/html' }), 'its Content-Type is not JSON'],
    ['more than 64 KiB', (response) => respond(response, `"${'x'.repeat(65 * 1024)}"`), 'it has more than 64 KiB'],
    ['JSON of 200 levels', (response) => respond(response, '['.repeat(200) + ']'.repeat(200)), 'it is not JSON'],
  ])('that is %s', async (_, answer, reason) => {
    const local = await start({ clientDocuments })
    const { origin, requests } = await documentServer(certificate, (request, response) =>
      answer(response, request.url!),
    )
    expect(await refusal(local, `${origin}/editor.json`)).toEqual(unreadable(reason))
    expect(requests).toHaveLength(1)
  })

  test('for longer than 3 s', { timeout: 15_000 }, async () => {
    const local = await start({ clientDocuments })
    const { origin } = await documentServer(certificate, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{')
    })
    expect(await refusal(local, `${origin}/editor.json`)).toEqual(unreadable('its server does not respond in time'))
  })

  test('from a server whose certificate is of another authority, which gets no request', async () => {
    const local = await start({ clientDocuments })
    const { origin, requests } = await documentServer(newCertificate(), (_, response) => respond(response, {}))
    const [status, reason] = await refusal(local, `${origin}/editor.json`)
    expect(status).toBe(401)
    expect(reason).toMatch(/its server cannot be reached \(\w*(CERT|SIGNATURE)\w*\)/)
    expect(requests).toHaveLength(0)
  })

  test.each([
    [
      'another host',
      'https://client.example/editor.json',
      'Documents are only read from loopback: add this client to the seed.',
    ],
    [
      'an address of the local network',
      'https://192.168.0.1/editor.json',
      'Documents are only read from loopback: add this client to the seed.',
    ],
    [
      'a host that only begins like loopback',
      'https://127.0.0.1.evil.example/x',
      'Documents are only read from loopback: add this client to the seed.',
    ],
    ['http', 'http://127.0.0.1:1/editor.json', 'There is no OAuth application with this client_id.'],
    ['a URL without a path', 'https://127.0.0.1:1/', 'There is no OAuth application with this client_id.'],
    ['a URL with dots in the path', 'https://127.0.0.1:1/a/../b', 'There is no OAuth application with this client_id.'],
    ['a URL with a user', 'https://user@127.0.0.1:1/b', 'There is no OAuth application with this client_id.'],
    ['a URL with a fragment', 'https://127.0.0.1:1/b#c', 'There is no OAuth application with this client_id.'],
    [
      'an address that is written in another way',
      'https://2130706433/editor.json',
      'There is no OAuth application with this client_id.',
    ],
  ])('of %s', async (_, id, reason) => {
    const local = await start({ clientDocuments })
    expect(await refusal(local, id)).toEqual([401, reason])
  })

  test('by an instance that was not started for it', async () => {
    const local = await start()
    const { id, requests } = await withDocument()
    expect(await refusal(local, id)).toEqual([401, 'The settings of the instance do not allow this client.'])
    expect(requests).toHaveLength(0)
  })
})

describe('the settings of the instance', () => {
  const path = '/v1/instance/oauth_application_settings'
  const notAllowed = [401, 'The settings of the instance do not allow this client.']

  test.each([
    ['client_id_metadata_documents_advertised', false],
    ['client_id_metadata_documents_only_allow_pre_registered_clients', true],
  ])('exclude new clients with %s: %s, but not known ones', async (name, value) => {
    const local = await start({ clientDocuments })
    const [known, unknown] = [await withDocument(), await withDocument()]
    await ask(local, known.id)
    await call(local, 'PATCH', path, { body: { [name]: value } })
    expect(await refusal(local, unknown.id)).toEqual(notAllowed)
    expect((await ask(local, known.id)).response.status).toBe(302)
  })

  test('exclude known clients that are not in the seed', async () => {
    const local = await start({ clientDocuments })
    const { id } = await withDocument()
    await ask(local, id)
    const body = { client_id_metadata_documents_block_implicitly_allowed_clients: true }
    await call(local, 'PATCH', path, { body })
    expect(await refusal(local, id)).toEqual(notAllowed)
  })
})

test('a client of any host is known from the seed, without its document', async () => {
  const id = 'https://client.example/oauth/metadata.json'
  const local = await start({
    seed: {
      organizations: {},
      people: { alice: { firstName: 'Alice', email: 'alice@acme.example' } },
      clients: { editor: { name: 'Editor', clientId: id, redirectUris: ['http://127.0.0.1/callback'] } },
    },
  })
  const { response, code_verifier } = await ask(local, id)
  const { code } = redirected(response).answer
  const request = { grant_type: 'authorization_code', client_id: id, redirect_uri: CALLBACK, code, code_verifier }
  expect((await token(local, request)).status).toBe(200)
  expect(local.clients.editor.id).toBe(id)
})

test.each([['no certificate'], ['']])('an authority that is "%s" ends the start', async (ca) => {
  await expect(start({ clientDocuments: { ca } })).rejects.toThrow(/^"clientDocuments" of startLocalClerk\(\) must be/)
})

test('the command line takes the authority from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-ca-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'ca.pem')
  writeFileSync(file, certificate.cert)
  const events = new EventEmitter()
  const running = run(['--port', '0', '--algorithm', 'ES256', '--client-documents-ca', file], {
    out: (text) => events.emit('out', text),
    err: (text) => events.emit('error', new Error(text)),
    env: {},
    input: async () => undefined,
    isTerminal: false,
    stopped: () => once(events, 'stop'),
  })
  const [introduction] = (await once(events, 'out')) as [string]
  const [, url = ''] = /^export CLERK_FAPI='(.*)'$/m.exec(introduction) ?? []
  const { id } = await withDocument()
  expect((await ask({ url }, id)).response.status).toBe(302)
  events.emit('stop')
  expect(await running).toBe(0)
})
