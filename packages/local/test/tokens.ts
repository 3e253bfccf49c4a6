import type { LocalClerk } from '../src/index.js'

/** Calls the Backend API, by default with the secret key. `null` sends no key. */
export async function call(
  local: Pick<LocalClerk, 'url' | 'env'>,
  method: string,
  path: string,
  { body, key = local.env.CLERK_SECRET_KEY }: { body?: unknown; key?: string | null } = {},
): Promise<{ status: number; body: any; code: string | undefined; text: string }> {
  const response = await fetch(local.url + path, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = JSON.parse(await response.text())
  const [error] = answer.errors ?? []
  return { status: response.status, body: answer, code: error?.code, text: error?.long_message }
}

export function keysOf(local: LocalClerk) {
  return new URL('/.well-known/jwks.json', local.url)
}
