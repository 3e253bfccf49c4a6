import { createRequire } from 'node:module'
import { join } from 'node:path'

export const examples = join(import.meta.dirname, '../../examples/mcp')

/** The part of an official client that is the same in both versions. */
interface Sdk {
  readonly Client: new (info: { readonly name: string; readonly version: string }) => Client
  readonly StreamableHTTPClientTransport: new (
    url: URL,
    options: { readonly authProvider: object; readonly fetch: typeof fetch },
  ) => Transport
  readonly UnauthorizedError: new () => Error
}
interface Client {
  connect(transport: Transport): Promise<void>
  callTool(call: { readonly name: string; readonly arguments: object }): Promise<{ readonly content: unknown }>
  close(): Promise<void>
}
interface Transport {
  finishAuth(code: string, issuer?: string): Promise<void>
}

export const VERSIONS = ['1.x', '2.x'] as const
export type Version = (typeof VERSIONS)[number]

function sdkOf(version: Version): Sdk {
  const require = createRequire(join(examples, 'package.json'))
  const load = (name: string) => require(name) as Sdk
  if (version === '2.x') return load('@modelcontextprotocol/client')
  const names = ['index.js', 'streamableHttp.js', 'auth.js'].map((file) => `@modelcontextprotocol/sdk/client/${file}`)
  return Object.assign({}, ...names.map(load)) as Sdk
}

/** How the authorization server knows the client. */
export type Registration =
  | {
      readonly known: {
        readonly client_id: string
        readonly token_endpoint_auth_method: 'none'
        readonly issuer: string
      }
    }
  | { readonly registers: true }
  | { readonly documentUrl: string }

export const REDIRECT_URI = 'http://127.0.0.1:45321/callback'

export type OfficialClient = ReturnType<typeof officialClient>

/**
 * An official client, for which a user logs in and consents without a browser. `steps` are the requests that it sends,
 * in order, with the status of the response.
 */
export function officialClient(version: Version, registration: Registration, user: string) {
  const { Client, StreamableHTTPClientTransport, UnauthorizedError } = sdkOf(version)
  const steps: string[] = []
  const authorizations: URLSearchParams[] = []
  const saved = new Map<string, unknown>('known' in registration ? [['client', registration.known]] : [])
  let transport: Transport
  const client = new Client({ name: 'test', version: '1.0.0' })

  const authProvider = {
    redirectUrl: REDIRECT_URI,
    clientMetadata: {
      client_name: 'Test',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
    },
    ...('documentUrl' in registration && { clientMetadataUrl: registration.documentUrl }),
    clientInformation: () => saved.get('client'),
    saveClientInformation: (client: unknown) => void saved.set('client', client),
    tokens: () => saved.get('tokens'),
    saveTokens: (tokens: unknown) => void saved.set('tokens', tokens),
    codeVerifier: () => saved.get('verifier'),
    saveCodeVerifier: (verifier: string) => void saved.set('verifier', verifier),
    discoveryState: () => saved.get('discovery'),
    saveDiscoveryState: (state: unknown) => void saved.set('discovery', state),
    redirectToAuthorization(url: URL) {
      authorizations.push(url.searchParams)
      saved.set('authorize', url)
    },
  }

  const logged: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const url = new URL(input instanceof Request ? input.url : String(input))
    steps.push(`${init?.method ?? 'GET'} ${url.pathname} ${response.status}`)
    return response
  }

  /** The user logs in, consents and is sent back with a code. */
  async function logIn(): Promise<void> {
    const url = new URL(saved.get('authorize') as URL)
    url.searchParams.set('_local_user', user)
    const response = await fetch(url, { redirect: 'manual' })
    steps.push(`GET ${url.pathname} ${response.status} scope=${url.searchParams.get('scope')}`)
    const { searchParams } = new URL(response.headers.get('location') ?? 'about:blank')
    const error = searchParams.get('error')
    if (error !== null) throw new Error(`${error}: ${searchParams.get('error_description')}`)
    await transport.finishAuth(searchParams.get('code') ?? '', searchParams.get('iss') ?? undefined)
  }

  return {
    steps,
    authorizations,
    close: () => client.close(),
    tokens: () => saved.get('tokens') as { readonly access_token: string; readonly scope: string },
    forgetTokens: () => void saved.delete('tokens'),
    /** Connects; the user logs in if the server asks for it. */
    async connect(url: string): Promise<void> {
      const open = () => {
        transport = new StreamableHTTPClientTransport(new URL(url), { authProvider, fetch: logged })
        return client.connect(transport)
      }
      await open().catch(async (error: unknown) => {
        if (!(error instanceof UnauthorizedError)) throw error
        await logIn()
        await open()
      })
    },
    /** Calls a tool; the user consents to more scopes if the server asks for them. */
    async call(name: string, parameters: object = {}): Promise<unknown> {
      const send = () => client.callTool({ name, arguments: parameters })
      const { content } = await send().catch(async (error: unknown) => {
        if (!(error instanceof UnauthorizedError)) throw error
        await logIn()
        return send()
      })
      return content
    },
  }
}
