import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import type { INestApplication } from '@nestjs/common'
import { Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'
import { Test } from '@nestjs/testing'
import {
  Auth,
  ClerkAuthModule,
  OptionalAuth,
  Public,
  RequireAuth,
  Token,
  type AuthOf,
  type ClerkAuthEvent,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/nestjs'
import { alice, bob, issuer } from './callers'

const Admin = RequireAuth({ role: 'org:admin' })

@ObjectType()
class Invoice {
  @Field()
  id!: string
}

@Resolver(() => Invoice)
class Resolvers {
  @Query(() => String)
  me(@Auth() auth: SessionAuth, @Token() token: string | null): string {
    return token === null ? '' : auth.userId
  }

  @Query(() => Invoice, { nullable: true })
  @Admin
  invoice(@Auth(Admin) auth: AuthOf<typeof Admin>): Invoice {
    return { id: `of ${auth.orgId}` }
  }

  @ResolveField(() => String)
  text(@Parent() invoice: Invoice): string {
    return `invoice ${invoice.id}`
  }

  @Query(() => Boolean)
  @Public()
  isSignedIn(@OptionalAuth() caller: SessionAuth | Unauthenticated): boolean {
    return caller.isAuthenticated
  }
}

describe('a GraphQL application', () => {
  let app: INestApplication
  const events: ClerkAuthEvent[] = []

  async function start(): Promise<void> {
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
    })
    const auth = ClerkAuthModule.forRoot({ frontendApiUrl: issuer, onEvent: (event) => void events.push(event) })
    const module = await Test.createTestingModule({ imports: [auth, graphql], providers: [Resolvers] }).compile()
    app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
  }
  afterEach(() => app.close())

  async function ask(query: string, token?: string) {
    const response = await fetch(`${await app.getUrl()}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as { data: unknown; errors?: { message: string; extensions: unknown }[] }
  }

  it('requires a session by default', async () => {
    await start()
    expect(await ask('{ me }', alice)).toEqual({ data: { me: expect.stringMatching(/^user_/) } })
    const { data, errors } = await ask('{ me }')
    expect(data).toBeNull()
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'No credential was sent',
        extensions: expect.objectContaining({ code: 'credentials-missing', status: 401 }),
      }),
    ])
  })

  it('guards each field for itself, also when they run at the same time', async () => {
    await start()
    events.length = 0
    const query = '{ isSignedIn me first: invoice { text } second: invoice { id } }'
    expect(await ask(query, alice)).toEqual({
      data: {
        isSignedIn: true,
        me: expect.stringMatching(/^user_/),
        first: { text: expect.stringMatching(/^invoice of org_/) },
        second: { id: expect.stringMatching(/^of org_/) },
      },
    })
    const { data, errors } = await ask(query, bob)
    expect(data).toEqual({ isSignedIn: true, me: expect.stringMatching(/^user_/), first: null, second: null })
    const forbidden = { code: 'role-missing', status: 403 }
    expect(errors).toEqual([
      expect.objectContaining({ path: ['first'], extensions: expect.objectContaining(forbidden) }),
      expect.objectContaining({ path: ['second'], extensions: expect.objectContaining(forbidden) }),
    ])
    const refused = events.filter(({ type }) => type === 'requirement-refused')
    expect(refused).toEqual([
      expect.objectContaining({ method: 'POST', route: 'Query.invoice' }),
      expect.objectContaining({ method: 'POST', route: 'Query.invoice' }),
    ])
  })

  it('answers anyone on a public field', async () => {
    await start()
    expect(await ask('{ isSignedIn }')).toEqual({ data: { isSignedIn: false } })
  })
})
