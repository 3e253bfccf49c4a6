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

/** Sends the request to a new instance. */
export async function errorFor([method, path, body]: Refused) {
  const local = await start()
  const { status, code, ...answer } = await call(local, method, `/v1${fillIn(local, path)}`, {
    body: body && fillIn(local, JSON.stringify(body)),
  })
  return { status, code, param: answer.body.errors?.[0].meta?.param_name as string | undefined }
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
