import { jsonAnswer } from '../api/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../api/endpoint.js'
import { A_STRING, checkInput } from '../support/input.js'
import type { TokenDescription } from '../tokens/describe-token.js'

export const DESCRIBE_PATH = '/_local/tokens/describe'

/** Describes opaque tokens without counting as a call. */
export function describeToken(descriptionOf: (token: string) => TokenDescription): Endpoint {
  return control('POST', DESCRIBE_PATH, async (request) => {
    const input = (await readControlBody(request)) as { readonly token?: string }
    checkInput('describing', input, { token: A_STRING })
    if (input.token === undefined) throw new TypeError('describing requires a "token"')
    return jsonAnswer(descriptionOf(input.token))
  })
}
