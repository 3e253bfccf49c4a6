import { jsonAnswer, type Answer } from './answer.js'
import type { Endpoint, EndpointRequest } from './endpoint.js'
import { errorAnswer } from './errors.js'
import { isLoopback } from './loopback.js'
import { parseJson } from './fields.js'

/** Where a running instance hands out tokens to the command line. Nothing of Clerk's is at these paths. */
export const MINT_PATHS = {
  session: '/_local/tokens/session',
  m2m: '/_local/tokens/m2m',
  oauth: '/_local/tokens/oauth',
  apiKey: '/_local/tokens/api-key',
} as const

/** @param mint checks what it is given */
export function mintToken(path: string, mint: (input: never) => Promise<string>): Endpoint {
  return {
    method: 'POST',
    path,
    async answer(request) {
      const refusal = refuseForeignPage(request)
      if (refusal) return refusal
      const body = await request.readBody()
      if (body === undefined) return errorAnswer('request_body_too_large')
      const input = parseJson(body)
      if (input === undefined) return errorAnswer('request_body_invalid')
      try {
        return jsonAnswer({ token: await mint(input as never) })
      } catch (error) {
        if (error instanceof TypeError) return errorAnswer('form_param_value_invalid', error.message)
        throw error
      }
    },
  }
}

/**
 * A web page must not get a token by way of its reader's browser. Cross-site requests carry an `Origin` or, where they
 * do not, cannot be JSON; a page whose name was rebound to loopback still sends that name as `Host`.
 */
function refuseForeignPage({ headers }: EndpointRequest): Answer | undefined {
  const hostname = (headers.host ?? '').replace(/:\d+$/, '')
  if (!isLoopback(hostname)) return errorAnswer('authorization_invalid', 'The Host header must be a loopback address')
  if (headers.origin !== undefined) return errorAnswer('authorization_invalid', 'Browsers get no tokens here')
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() === 'application/json') return undefined
  return errorAnswer('unsupported_content_type', 'You should use application/json instead.')
}
