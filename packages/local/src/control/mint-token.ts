import { jsonAnswer } from '../api/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../api/endpoint.js'

/** The paths where a running instance mints tokens, also for the command line. */
export const MINT_PATHS = {
  session: '/_local/tokens/session',
  m2m: '/_local/tokens/m2m',
  oauth: '/_local/tokens/oauth',
  apiKey: '/_local/tokens/api-key',
  template: '/_local/tokens/template',
} as const

/** @param mint checks its input */
export function mintToken(path: string, mint: (input: never) => Promise<string>): Endpoint {
  return control('POST', path, async (request) =>
    jsonAnswer({ token: await mint((await readControlBody(request)) as never) }),
  )
}
