import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defaultSeed, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { documentServer, newCertificate, type Certificate } from '../../packages/local/test/document-server.js'
import { APPS, draftsApp, SCOPES, serve, type NotesApp } from './notes-apps.js'
import {
  examples,
  officialClient,
  REDIRECT_URI,
  VERSIONS,
  type OfficialClient,
  type Registration,
  type Version,
} from './official-client.js'

// `.ci/run` installs the official SDKs; without them, these tests are skipped.
const isInstalled = existsSync(join(examples, 'node_modules/@modelcontextprotocol'))

let local: LocalClerk

describe.runIf(isInstalled || process.env['CI'])('an official MCP client', () => {
  let certificate: Certificate
  beforeAll(async () => {
    certificate = newCertificate()
    const notes = { name: 'Notes', redirectUris: [REDIRECT_URI], scopes: SCOPES }
    const clients = { notes, other: { ...notes, name: 'Other' } }
    const oauth = { scopes: SCOPES, defaultScopes: SCOPES, dynamicRegistration: true }
    const options = { seed: { ...defaultSeed, clients, oauth }, clientDocuments: { ca: certificate.cert } }
    local = (await startLocalClerk(options)) as unknown as LocalClerk
  })
  afterAll(() => local.close())

  /** The three ways in which a client is known. */
  const REGISTRATIONS: Record<string, () => Promise<Registration>> = {
    'a client of the seed': async () => {
      const { notes } = local.clients as Record<string, { readonly id: string }>
      return { known: { client_id: notes!.id, token_endpoint_auth_method: 'none', issuer: local.url } }
    },
    'a client that registers itself': async () => ({ registers: true }),
    'a client with a metadata document': async () => {
      const { origin } = await documentServer(certificate, (_request, response) => {
        const document = { client_id: documentUrl, client_name: 'Notes', redirect_uris: [REDIRECT_URI] }
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(document))
      })
      const documentUrl = `${origin}/client.json`
      return { documentUrl }
    },
  }

  async function connected(version: Version, app: NotesApp, how: string) {
    const resource = await serve(app, { frontendApiUrl: local.url })
    const client = officialClient(version, await REGISTRATIONS[how]!(), 'alice')
    onTestFinished(() => client.close())
    await client.connect(resource)
    return { client, resource }
  }
  const requestedBy = ({ authorizations }: OfficialClient) =>
    authorizations.map((sent) => [sent.get('scope'), sent.get('resource')])

  describe.each(Object.entries<NotesApp>(APPS))('on %s', (_name, app) => {
    describe.each(VERSIONS)('in version %s', (version) => {
      it.each(Object.keys(REGISTRATIONS))('logs in as %s, for the resource and the scope of the guard', async (how) => {
        const { client, resource } = await connected(version, app, how)
        expect(requestedBy(client)).toEqual([['notes:read', resource]])
        expect(await client.call('list_notes')).toEqual([
          { type: 'text', text: expect.stringContaining(local.people.alice.id) },
        ])
        expect(client.steps.slice(0, client.steps.indexOf('POST /oauth/token 200') + 2)).toEqual([
          'POST /mcp 401',
          'GET /.well-known/oauth-protected-resource/mcp 200',
          'GET /.well-known/oauth-authorization-server 200',
          ...(how === 'a client that registers itself' ? ['POST /oauth/register 201'] : []),
          'GET /oauth/authorize 302 scope=notes:read',
          'POST /oauth/token 200',
          'POST /mcp 200',
        ])
      })

      it.each(['a client of the seed', 'a client with a metadata document'])(
        'as %s, is sent to consent to the scopes of a tool',
        async (how) => {
          const { client, resource } = await connected(version, app, how)
          expect(await client.call('add_note', { text: 'water the plants' })).toEqual([
            { type: 'text', text: expect.stringMatching(/^added note \d+$/) },
          ])
          expect(requestedBy(client)).toEqual([
            ['notes:read', resource],
            ['notes:read notes:write', resource],
          ])
        },
      )
    })
  })

  it.each(Object.entries<NotesApp>(APPS))(
    'needs the scope of a tool on %s, whatever the media type of its request is',
    async (_name, app) => {
      const resource = await serve(app, { frontendApiUrl: local.url })
      const token = await local.oauthToken({ audience: resource, scopes: ['notes:read'] })
      const call = {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'add_note', arguments: { text: 'x' } },
      }
      const callAs = (type: string) =>
        fetch(resource, {
          method: 'POST',
          headers: {
            Authorization: `Bearer ${token}`,
            'Content-Type': type,
            Accept: 'application/json, text/event-stream',
          },
          body: JSON.stringify(call),
        })
      const refused = await callAs('application/json')
      expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope')
      for (const type of ['application/json\u00a0;', 'text/plain; a=application/json', 'text/json'])
        expect(await (await callAs(type)).text()).not.toContain('added note')
    },
  )

  it.each(VERSIONS)(
    'in version %s registers only the scopes of the first challenge, so it gets no others later',
    async (version) => {
      const { client } = await connected(version, APPS.Hono, 'a client that registers itself')
      await expect(client.call('add_note', { text: 'water the plants' })).rejects.toThrow('invalid_scope')
    },
  )

  describe.each(VERSIONS)('of a server with sessions, in version %s', (version) => {
    it('stays in its session when it gets another token', async () => {
      const { client } = await connected(version, draftsApp, 'a client of the seed')
      const draft = (number: number) => [{ type: 'text', text: `draft ${number} of ${local.people.alice.id}` }]
      expect(await client.call('add_draft')).toEqual(draft(1))
      client.forgetTokens()
      expect(await client.call('add_draft')).toEqual(draft(2))
      expect(client.authorizations).toHaveLength(2)
    })
  })

  describe('a session', () => {
    /** Sends requests as somebody with a token for the resource. */
    async function callerOf(resource: string, token: object) {
      const bearer = await local.oauthToken({ client: 'notes', audience: resource, scopes: SCOPES, ...token })
      const headers = {
        Authorization: `Bearer ${bearer}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
      }
      const post = (method: string, params: object, session: object = {}) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
        return fetch(resource, { method: 'POST', headers: { ...headers, ...session }, body })
      }
      return {
        opens: async () => {
          const clientInfo = { name: 'test', version: '1.0.0' }
          const answer = await post('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
          return { 'Mcp-Session-Id': answer.headers.get('mcp-session-id')! }
        },
        calls: async (session: object) => (await post('tools/call', { name: 'add_draft' }, session)).status,
        reads: (session: object) => fetch(resource, { headers: { ...headers, ...session } }),
      }
    }

    it('is only for the user and the client that opened it', async () => {
      const resource = await serve(draftsApp, { frontendApiUrl: local.url })
      const alice = await callerOf(resource, {})
      const session = await alice.opens()
      const others = [await callerOf(resource, { user: 'bob' }), await callerOf(resource, { client: 'other' })]
      expect(await Promise.all([alice, ...others].map((caller) => caller.calls(session)))).toEqual([200, 404, 404])
    })

    it('has a stream that ends when the token expires', async () => {
      const resource = await serve(draftsApp, { frontendApiUrl: local.url })
      const alice = await callerOf(resource, { ttlInSeconds: 2 })
      const stream = await alice.reads(await alice.opens())
      expect(stream.status).toBe(200)
      expect(await stream.text()).toBe('')
    })
  })

  it('gets a token that no other resource accepts', async () => {
    const { client } = await connected('2.x', APPS.Hono, 'a client of the seed')
    const elsewhere = await serve(APPS.Express, { frontendApiUrl: local.url })
    const headers = { Authorization: `Bearer ${client.tokens().access_token}`, 'Content-Type': 'application/json' }
    const response = await fetch(elsewhere, { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'token-invalid-audience' })
  })
})
