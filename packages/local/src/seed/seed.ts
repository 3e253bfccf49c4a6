/** The initial users, organizations, machines and clients of an instance, by the names that tests use. */
export interface Seed {
  /** by slug */
  readonly organizations: Readonly<Record<string, SeedOrganization>>
  /** permissions by role, such as `'org:admin': ['org:invoices:create']`; default: the roles of `defaultSeed` */
  readonly roles?: Readonly<Record<string, readonly string[]>>
  /** by the name for `sessionToken({ user })` */
  readonly people: Readonly<Record<string, SeedPerson>>
  /** by the name for `m2mToken({ from, to })`; default: the machines of `defaultSeed` */
  readonly machines?: Readonly<Record<string, SeedMachine>>
  /** OAuth applications, by the name for `oauthToken({ client })`; default: the clients of `defaultSeed` */
  readonly clients?: Readonly<Record<string, SeedClient>>
}

export interface SeedOrganization {
  readonly name: string
  /** features of its plan, such as `invoices`; features that occur in members' permissions need not be listed */
  readonly features?: readonly string[]
  /** default `pro` */
  readonly plan?: string
}

export interface SeedPerson {
  readonly firstName: string
  readonly email: string
  /** role by organization slug; default: none */
  readonly memberships?: Readonly<Record<string, string>>
  /** slug of the organization that is active in tokens by default; default: none */
  readonly defaultOrganization?: string
}

export interface SeedMachine {
  /** names of the machines that it may call; default: none */
  readonly scopes?: readonly string[]
  /** lifetime of its tokens in seconds, default 3600 */
  readonly defaultTokenTtl?: number
}

export interface SeedClient {
  readonly name: string
}
