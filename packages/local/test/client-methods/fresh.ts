import { createClerkClient } from '@clerk/backend'
import type { LocalClerk } from '../../src/index.js'
import { start } from '../start.js'

/** The parts of the client that call the Backend API. */
export type Apis = Omit<ReturnType<typeof createClerkClient>, 'telemetry' | 'authenticateRequest' | 'debugRequestState'>

/** An instance with the default seed, its client, and the ids of users and organizations in the seed. */
export interface Fresh extends Apis {
  readonly local: LocalClerk
  readonly alice: string
  readonly bob: string
  readonly carol: string
  readonly dave: string
  readonly acme: string
  readonly globex: string
}

/** Makes the arguments of a method, and first what the method needs. */
export type Arguments<Method> = Method extends (...args: infer Args) => unknown
  ? (it: Fresh) => Args | Promise<Args>
  : never

export async function startFresh(): Promise<Fresh> {
  const local = await start()
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const { people, organizations } = local
  return {
    ...createClerkClient({ secretKey, apiUrl }),
    local,
    alice: people.alice.id,
    bob: people.bob.id,
    carol: people.carol.id,
    dave: people.dave.id,
    acme: organizations.acme.id,
    globex: organizations.globex.id,
  }
}

/** A request by plain HTTP with the secret key. */
export function ask({ local }: Fresh, method: string, path: string, body?: object): Promise<Response> {
  return fetch(local.url + path, {
    method,
    headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** No arguments, after something was made. */
export function after(make: (it: Fresh) => Promise<unknown>): (it: Fresh) => Promise<[]> {
  return async (it) => {
    await make(it)
    return []
  }
}
