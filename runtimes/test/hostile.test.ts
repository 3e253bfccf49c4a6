import { attack } from '../../test/hostile/attack.js'
import type { Case, Outcome } from '../../test/hostile/case.js'
import { base64url } from '../../test/hostile/cases/base64url.js'
import { claims } from '../../test/hostile/cases/claims.js'
import { cookies } from '../../test/hostile/cases/cookies.js'
import { grants } from '../../test/hostile/cases/grants.js'
import { header } from '../../test/hostile/cases/header.js'
import { http } from '../../test/hostile/cases/http.js'
import { json } from '../../test/hostile/cases/json.js'
import { keys } from '../../test/hostile/cases/keys.js'
import { signatures } from '../../test/hostile/cases/signatures.js'
import { structure } from '../../test/hostile/cases/structure.js'
import { overHttp, type EntryPoint } from '../../test/hostile/entry-points.js'
import { USER } from '../../test/hostile/token.js'
import { name as runtime, targets } from '../src/this-runtime.js'

const sections = [structure, base64url, json, header, keys, signatures, claims, grants, http, cookies]
const tables = sections.flatMap((section) => Object.entries(section) as [string, readonly Case[]][])

const isWorkerd = runtime === 'workerd'

/** workerd does not pass on empty headers, and joins two `Cookie` headers with a comma. */
const OUTCOMES_ON_WORKERD: Readonly<Record<string, Outcome>> = {
  'two credentials: an empty header before the token': { sees: { userId: USER } },
  'a malformed header: nothing': { code: 'credentials-missing' },
  'a cookie and a header: an empty header and a good cookie': { sees: { userId: USER } },
  'cookies that are almost a session cookie: not: in the second of two headers': { code: 'credentials-missing' },
}

function onThisRuntime(what: string, one: Case): Case {
  const outcome = OUTCOMES_ON_WORKERD[`${what}: ${one.name}`]
  return isWorkerd && 'send' in one && outcome ? { ...one, outcome } : one
}

const entryPoints = overHttp.map((entryPoint): EntryPoint => {
  const parser = runtime.startsWith('Node') ? 'refuses' : 'other'
  // On Workers the variables come with a request, so an adapter finds some faults only then.
  const configure = isWorkerd && entryPoint.hasAdapter ? configureByRequest : entryPoint.configure
  return { ...entryPoint, parser, configure }

  async function configureByRequest(app: Parameters<NonNullable<EntryPoint['configure']>>[0]): Promise<void> {
    const seen: unknown[] = []
    const { url, close } = await targets.find(({ name }) => name === entryPoint.name)!.serve({ ...app, seen })
    const { status } = await fetch(`${url}/me`)
    await close()
    if (status === 500) throw seen[0]
  }
})

attack(
  Object.fromEntries(tables.map(([what, cases]) => [what, cases.map((one) => onThisRuntime(what, one))])),
  entryPoints,
)
