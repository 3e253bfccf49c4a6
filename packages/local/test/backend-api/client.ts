import { createClerkClient, type ClerkClient } from '@clerk/backend'
import type { LocalClerk } from '../../src/index.js'

type Instance = Pick<LocalClerk, 'url' | 'env'>

/** Clerk's official client of an instance. */
export function clientOf({ env }: Instance): ClerkClient {
  return createClerkClient({ secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL })
}

/** Sends a request to the Backend API, for input that the client does not allow. */
export function send({ url, env }: Instance, method: string, path: string, body?: object): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** The fields of an error of the client that a test compares. */
export function refusal(status: number, code: string, paramName?: string) {
  return { status, errors: [{ code, ...(paramName !== undefined && { meta: { paramName } }) }] }
}
