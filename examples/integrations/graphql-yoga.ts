import { createServer } from 'node:http'
import { checkRequirement, createClerkAuth, toChallenge } from '@clerk-auth/core'
import type { AuthError, Requirement, SessionAuth, Unauthenticated } from '@clerk-auth/core'
import { GraphQLError } from 'graphql'
import { createSchema, createYoga } from 'graphql-yoga'

interface Context {
  readonly auth: SessionAuth | Unauthenticated
}

/** A resolver for callers who meet the requirement; it gets a signed-in user. */
function guarded<Args, Result>(
  requirement: Requirement<unknown, 'session_token'>,
  resolve: (auth: SessionAuth, args: Args) => Result,
) {
  return async (_parent: unknown, args: Args, { auth }: Context): Promise<Awaited<Result>> => {
    const refusal = await checkRequirement(auth, requirement)
    if (refusal) throw toGraphQLError(refusal)
    return await resolve(auth as SessionAuth, args)
  }
}

/** `extensions` are the problem details, such as `code`. Yoga uses `http` for the response, and removes it. */
function toGraphQLError(refusal: AuthError): GraphQLError {
  const { status, headers, body } = toChallenge(refusal)
  const { 'Content-Type': _, ...others } = headers
  return new GraphQLError(body.title, { extensions: { ...body, http: { status, headers: others } } })
}

const schema = createSchema<Context>({
  typeDefs: /* GraphQL */ `
    type Query {
      whoami: String!
      me: String
      organization: String
      invoices(first: Int!): [String!]
    }
  `,
  resolvers: {
    Query: {
      whoami: (_parent, _args, { auth }) => auth.userId ?? 'anonymous',
      me: guarded({}, (auth) => auth.userId),
      organization: guarded({ role: 'org:admin' }, (auth) => auth.orgSlug),
      invoices: guarded({ org: true }, (auth, { first }: { first: number }) => [`${auth.orgSlug}-1`].slice(0, first)),
    },
  },
})

const clerk = createClerkAuth() // one for the process: it holds the keys and the caches
const yoga = createYoga({
  schema,
  context: async ({ request }): Promise<Context> => ({ auth: await clerk.authenticate(request) }),
})

const port = Number(process.env.PORT ?? 3011)
createServer(yoga).listen(port, () => console.log(`GraphQL Yoga listens on http://localhost:${port}/graphql`))
