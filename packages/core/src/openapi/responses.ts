import { AUTH_ERRORS } from '../auth/errors.js'
import type { GuardDescription, RequirementDescription } from '../guard/description.js'
import { guardInWords } from '../guard/in-words.js'

/** Not `Problem`, which a document may have for the application's own errors. */
export const PROBLEM = 'AuthProblem'

/** The body of a refusal: problem details (RFC 9457). */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'Problem details: RFC 9457',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri', example: 'urn:clerk-auth:token-expired' },
    title: { type: 'string' },
    status: { type: 'integer', enum: [400, 401, 403, 503] },
    code: { type: 'string', enum: Object.keys(AUTH_ERRORS), description: 'Stable: programs may depend on it.' },
    detail: { type: 'string', description: 'What to do next.' },
  },
} as const

/** The responses with which the guards of an operation refuse requests. */
export function responsesOf(guards: readonly GuardDescription[]): Readonly<Record<string, object>> {
  const needed = guards.map(guardInWords).join('; and ')
  return {
    401: refusal(`No valid credential was sent. Required: ${needed}.`, CHALLENGE),
    ...(guards.some(canForbid) && {
      403: refusal(`The caller is known, but not allowed. Required: ${needed}.`, CHALLENGE),
    }),
    503: refusal('The credential cannot be verified right now.', {
      'Retry-After': { description: 'Seconds until a retry may succeed.', required: true, schema: { type: 'integer' } },
    }),
  }
}

function refusal(description: string, headers: object): object {
  const schema = { $ref: `#/components/schemas/${PROBLEM}` }
  return { description, headers, content: { 'application/problem+json': { schema } } }
}

const CHALLENGE = {
  'WWW-Authenticate': { description: 'The challenge: RFC 6750 section 3.', required: true, schema: { type: 'string' } },
} as const

/** Whether a guard refuses some callers of the right kind. */
function canForbid({ requirements }: GuardDescription): boolean {
  return requirements.some(requiresMoreThanToken)
}

function requiresMoreThanToken(requirement: RequirementDescription): boolean {
  return Object.keys(requirement).some((field) => field !== 'acceptsToken' && field !== 'fresh')
}
