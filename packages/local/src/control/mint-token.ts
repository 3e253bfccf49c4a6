import { jsonAnswer } from '../http/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../http/endpoint.js'

/** Where a running instance hands out tokens, to the command line too. */
export const MINT_PATHS = {
  session: '/_local/tokens/session',
  m2m: '/_local/tokens/m2m',
  oauth: '/_local/tokens/oauth',
  apiKey: '/_local/tokens/api-key',
  template: '/_local/tokens/template',
} as const

/** @param mint checks what it is given */
export function mintToken(path: string, mint: (input: never) => Promise<string>): Endpoint {
  return control('POST', path, async (request) =>
    jsonAnswer({ token: await mint((await readControlBody(request)) as never) }),
  )
}
