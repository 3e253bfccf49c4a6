import type { ApiKeyAuth } from '../auth/auth.js'
import { deepFreeze } from '../support/deep-freeze.js'
import { hasNothing } from '../auth/has.js'
import { isId, isNonEmptyString, isStrings, isSubject, objectOrNull, type Answer } from '../introspection/answer.js'
import type { Kind } from './kind.js'
import { RATE_80 } from './rates.js'

/** The owner of an API key: https://clerk.com/docs/guides/development/machine-auth/api-keys */
export const apiKey = {
  opaque: {
    prefix: 'ak_',
    verifyAt: '/api_keys/verify',
    bodyField: 'secret',
    secrets: ['secretKey'],
    rate: RATE_80,
    isBilled: true,
    read: readApiKey,
  },
  guardFields: ['org', 'scope', 'fresh'],
} as const satisfies Kind<ApiKeyAuth>

function readApiKey(answer: Answer, expiresAt: number | null): ApiKeyAuth | undefined {
  const { object, id, subject, name, claims, scopes } = answer
  if (object !== 'api_key' || !isId(id, 'ak') || !isSubject(subject, 'user|org|mch')) return undefined
  if (!isNonEmptyString(name) || !isStrings(scopes)) return undefined
  return deepFreeze<ApiKeyAuth>({
    isAuthenticated: true,
    tokenType: 'api_key',
    id,
    subject,
    name,
    scopes,
    claims: objectOrNull(claims),
    userId: subject.startsWith('user_') ? subject : null,
    orgId: subject.startsWith('org_') ? subject : null,
    expiresAt,
    has: hasNothing,
  })
}
