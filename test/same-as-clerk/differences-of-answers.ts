import { getAuthObjectForAcceptedToken, reverificationErrorResponse } from '@clerk/backend/internal'
import { checkRequirement, toChallenge } from '@clerk-auth/core'
import { authOf, identify } from '@clerk-auth/core/adapter'
import { askClerk, askOurs, clerkSdk, newOurs, type ClerkAuthObject } from './both.js'
import {
  clerkVerdict,
  field,
  fieldWords,
  option,
  orThrown,
  ourVerdict,
  thrown,
  verdict,
  type Difference,
} from './difference.js'
import { SECOND, sessionToken } from './tokens.js'

const APP = 'https://app.example.com'
const expired = () => sessionToken({ iat: 1, nbf: 1, exp: 2 })
const pending = () => sessionToken({ sts: 'pending' })

/** The options, and their allowed values. */
const configuration: readonly Difference[] = [
  {
    what: 'Only `jwtKey` is set',
    clerk: async () => {
      const bare = clerkSdk({ secretKey: '', publishableKey: '' })
      return clerkVerdict(await orThrown(() => askClerk(sessionToken(), {}, bare)))
    },
    here: async () => ourVerdict(await askOurs(sessionToken())),
  },
  option('`authorizedParties` is an empty list', { authorizedParties: [] }),
  option('`audience` is an empty string', { audience: '' }),
  option('`issuer` is an empty string', { issuer: '' }),
  option('`clockSkewInMs` is `NaN`', { clockSkewInMs: Number.NaN }),
  option('`clockSkewInMs` is negative', { clockSkewInMs: -1000 }, { iat: SECOND - 60 }),
  option('An unknown option', { authorisedParties: [APP] }),
  verdict("No `azp`, with `authorizedParties` and `missingAzp: 'allow'`", sessionToken(), {
    authorizedParties: [APP],
    here: { missingAzp: 'allow' },
  }),
]

/** What a handler gets. */
const objects: readonly Difference[] = [
  field('The auth object of a refused caller', 'tokenType', expired()),
  {
    what: 'The reason, in the auth object of a refused caller',
    clerk: async () => fieldWords('error', (await askClerk(expired())).auth()['error']),
    here: async () => {
      const auth = await askOurs(expired())
      return auth.isAuthenticated ? 'none' : fieldWords('error.code', auth.error.code)
    },
  },
  {
    what: 'A pending session',
    clerk: async () => {
      const { status, auth } = await askClerk(pending())
      return `${fieldWords('status', status)}, ${fieldWords('isAuthenticated', auth().isAuthenticated)}`
    },
    here: async () => ourVerdict(await askOurs(pending())),
  },
  {
    what: '`getToken()` and `debug()` of an auth object',
    clerk: async () => members((await askClerk(sessionToken())).auth()),
    here: async () => members(await askOurs(sessionToken())),
  },
  {
    what: 'A handler that changes the auth object',
    clerk: async () => changed((await askClerk(sessionToken())).auth()),
    here: async () => changed(await askOurs(sessionToken())),
  },
  {
    what: '`getAuth()` for a kind that no middleware or guard verifies',
    clerk: async () => {
      const authObject = (await askClerk(sessionToken())).auth() as never
      const { isAuthenticated } = getAuthObjectForAcceptedToken({ authObject, acceptsToken: 'api_key' })
      return fieldWords('isAuthenticated', isAuthenticated)
    },
    here: async () => {
      const request = new Request('https://api.example.com/', {
        headers: { Authorization: `Bearer ${sessionToken()}` },
      })
      await identify(request, request, newOurs())
      const auth = await orThrown(async () => authOf(request, { acceptsToken: 'api_key' }))
      return auth instanceof Error ? thrown(auth) : fieldWords('isAuthenticated', auth.isAuthenticated)
    },
  },
]

function members(auth: object): string {
  return 'getToken' in auth && 'debug' in auth ? 'there' : 'not there'
}

function changed(auth: ClerkAuthObject | object): string {
  try {
    ;(auth as { userId: string }).userId = 'user_other'
    return 'the change is kept'
  } catch (error) {
    return thrown(error as Error)
  }
}

/** What the client receives. */
const responses: readonly Difference[] = [
  {
    what: 'The content type of the response that requires reverification',
    clerk: () => `\`${reverificationErrorResponse('strict').headers.get('content-type')}\``,
    here: async () => {
      const refusal = await checkRequirement(await askOurs(sessionToken({ iat: SECOND })), { reverification: 'strict' })
      return `\`${toChallenge(refusal!).headers['Content-Type']}\``
    },
  },
]

export const DIFFERENCES_OF_ANSWERS: readonly Difference[] = [...configuration, ...objects, ...responses]
