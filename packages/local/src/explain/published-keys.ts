import { ask } from '../support/ask.js'
import { isObject } from '../support/input.js'
import type { KnownKeys } from './check-signature.js'

/** Fetches a JWK Set like an API. */
export async function keysAt(url: string): Promise<KnownKeys> {
  const unreachable = (problem: string): KnownKeys => ({ from: 'unreachable', where: url, problem })
  const reply = await ask(url)
  if (reply.status === undefined) return unreachable(reply.problem)
  if (reply.status !== 200) return unreachable(`the response status is ${reply.status}`)
  const keys = isObject(reply.body) && 'keys' in reply.body ? reply.body.keys : undefined
  return Array.isArray(keys) ? { from: 'set', keys, where: url } : unreachable('the response is not a JWK Set')
}
