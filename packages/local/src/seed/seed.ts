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
  /** names of passkeys, such as `Laptop` */
  readonly passkeys?: readonly string[]
  readonly externalAccounts?: readonly SeedExternalAccount[]
  /** addresses of Ethereum or Solana wallets; the first is the primary one */
  readonly wallets?: readonly string[]
  /** of an authenticator app, in base32 */
  readonly totpSecret?: string
  /** plain codes, or their bcrypt digests */
  readonly backupCodes?: readonly string[]
}

/** An account of another provider that a person signs in with. */
export interface SeedExternalAccount {
  /** such as `oauth_google` */
  readonly provider: string
  /** id of the person at the provider, default: one that depends on the name of the person */
  readonly providerUserId?: string
  /** default: the email address of the person */
  readonly emailAddress?: string
  /** scopes of the token */
  readonly scopes?: readonly string[]
  /** of the provider; default: none, so that the person must sign in again */
  readonly token?: string
  /** milliseconds since the epoch; default: never */
  readonly tokenExpiresAt?: number
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
