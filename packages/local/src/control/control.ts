import type { Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal, errorAnswer } from '../api/errors.js'
import { isJsonRequest, parseRequestJson } from '../api/request-json.js'

/** A control endpoint under `/_local`. A `TypeError` in it is reported as the caller's mistake. */
export function control(
  method: Endpoint['method'],
  path: string,
  answer: (request: EndpointRequest) => Answer | Promise<Answer>,
): Endpoint {
  return {
    method,
    path,
    async answer(request) {
      try {
        return await answer(request)
      } catch (error) {
        if (error instanceof TypeError) return errorAnswer('form_param_value_invalid', error.message)
        throw error
      }
    },
  }
}

/**
 * Reads the body of a control request.
 *
 * @throws {Refusal} if the body is not JSON, or not declared as JSON, which HTML forms cannot do
 */
export async function readControlBody(request: EndpointRequest): Promise<unknown> {
  if (!isJsonRequest(request)) throw new Refusal('unsupported_content_type', USE_JSON)
  const text = await request.readText()
  const body = parseRequestJson(text)
  if (body === undefined) throw new Refusal('request_body_invalid', 'The body must be JSON: send {} for the defaults')
  return body
}

const USE_JSON = "Send JSON with its content type, as in: -H 'content-type: application/json' -d '{}'"
