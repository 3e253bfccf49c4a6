import { expect } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { start } from '../start.js'
import { call } from '../tokens.js'

const UNKNOWN_USER = `user_${'x'.repeat(27)}`
const UNKNOWN_ORGANIZATION = `org_${'x'.repeat(27)}`

/** A request with placeholders such as `<alice>` for ids, and the error it is refused with. */
export type Refused = [
  method: string,
  path: string,
  body: object | undefined,
  status: number,
  code: string,
  param?: string,
]

export async function expectRefused([method, path, body, status, code, param]: Refused): Promise<void> {
  const local = await start()
  const answer = await call(local, method, `/v1${fillIn(local, path)}`, {
    body: body && fillIn(local, JSON.stringify(body)),
  })
  expect(answer).toMatchObject({ status, code })
  expect(answer.body.errors[0].meta).toEqual(param && { param_name: param })
  expect(answer.body.clerk_trace_id).toMatch(/^[0-9a-f]{32}$/)
}

/** Replaces placeholders such as `<alice>` in a path or a body with ids. */
function fillIn(local: LocalClerk, template: string): string {
  const { people, organizations } = local
  const names: Record<string, string> = {
    alice: people.alice.id,
    bob: people.bob.id,
    dave: people.dave.id,
    acme: organizations.acme.id,
    globex: organizations.globex.id,
    unknownUser: UNKNOWN_USER,
    unknownOrg: UNKNOWN_ORGANIZATION,
  }
  return template.replaceAll(/<(\w+)>/g, (_, name: string) => names[name] ?? name)
}
