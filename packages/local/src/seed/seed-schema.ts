import * as v from 'valibot'
import { backupCodesProblem } from '../credentials/backup-codes.js'
import { isBase32Secret } from '../credentials/totp.js'
import { isEmailAddress, isPhoneNumber, isWalletAddress } from '../people/identifiers.js'
import { isObject } from '../support/input.js'
import { isDocumentUrl } from '../tokens/client-id.js'
import { isScope } from '../tokens/oauth-scopes.js'
import { REDIRECT_URI_RULE, isRedirectUri } from '../tokens/redirect-uri.js'
import type {
  Seed,
  SeedClient,
  SeedExternalAccount,
  SeedMachine,
  SeedOAuth,
  SeedOrganization,
  SeedPayer,
  SeedPayment,
  SeedPerson,
  SeedPersona,
  SeedPlan,
  SeedRole,
  SeedSignUp,
  SeedStatement,
  SeedSubscription,
} from './seed.js'

/** The schemas of the parts of a seed. The message of each says what a value must be. */
export type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, string>

type AnySchema = v.GenericSchema

/** A schema for each field of `T`. */
type FieldSchemas<T> = { readonly [Field in keyof Required<T>]: AnySchema }

/** An object with these fields and no others. */
function fields(entries: v.ObjectEntries): ObjectSchema {
  return v.strictObject(entries, 'an object')
}

const A_STRING = v.string('a string')
const STRINGS = v.array(A_STRING, 'a list of strings')
const AN_OBJECT = v.custom(isObject, 'an object')
const A_BOOLEAN = v.boolean('true or false')

function wholeNumber(min: number, expected: string): AnySchema {
  return v.custom((value) => Number.isSafeInteger(value) && Number(value) >= min, expected)
}

function oneOf(...values: readonly string[]): AnySchema {
  return v.picklist(values, `one of ${values.join(', ')}`)
}

function stringThat(test: (value: string) => boolean, expected: string): AnySchema {
  return v.pipe(v.string(expected), v.check(test, expected))
}

const POSITIVE = wholeNumber(1, 'a positive integer')
const NOT_NEGATIVE = wholeNumber(0, 'a non-negative integer')

export const SEED = fields({
  // Required too, with a message of their own.
  organizations: v.optional(AN_OBJECT),
  roles: v.optional(AN_OBJECT),
  people: v.optional(AN_OBJECT),
  machines: v.optional(AN_OBJECT),
  clients: v.optional(AN_OBJECT),
  oauth: v.optional(AN_OBJECT),
  plans: v.optional(AN_OBJECT),
  subscriptions: v.optional(v.array(v.unknown(), 'a list')),
  statements: v.optional(v.array(v.unknown(), 'a list')),
  signUps: v.optional(v.array(v.unknown(), 'a list')),
  personas: v.optional(AN_OBJECT),
} satisfies FieldSchemas<Seed>)

export const ORGANIZATION = fields({
  name: A_STRING,
  features: v.optional(STRINGS),
  plan: v.optional(A_STRING),
} satisfies FieldSchemas<SeedOrganization>)

export const ROLE = fields({
  name: v.optional(A_STRING),
  description: v.optional(A_STRING),
  permissions: v.optional(STRINGS),
} satisfies FieldSchemas<SeedRole>)

const EXTERNAL_ACCOUNT = fields({
  provider: stringThat(
    (text) => /^oauth_(?:token_|custom_)?[a-z]+$/.test(text),
    'an OAuth provider such as "oauth_google"',
  ),
  providerUserId: v.optional(A_STRING),
  emailAddress: v.optional(A_STRING),
  scopes: v.optional(STRINGS),
  token: v.optional(A_STRING),
  tokenExpiresAt: v.optional(NOT_NEGATIVE),
} satisfies FieldSchemas<SeedExternalAccount>)

export const PERSON = fields({
  firstName: A_STRING,
  email: A_STRING,
  memberships: v.optional(AN_OBJECT),
  defaultOrganization: v.optional(A_STRING),
  passkeys: v.optional(STRINGS),
  externalAccounts: v.optional(v.array(EXTERNAL_ACCOUNT, 'a list')),
  wallets: v.optional(
    v.array(stringThat(isWalletAddress, 'the address of an Ethereum or Solana wallet'), 'a list of strings'),
  ),
  totpSecret: v.optional(stringThat(isBase32Secret, 'a base32 secret')),
  backupCodes: v.optional(
    v.pipe(
      STRINGS,
      v.check((codes) => !backupCodesProblem(codes), 'a list of at most 50 plain codes or bcrypt digests'),
    ),
  ),
} satisfies FieldSchemas<SeedPerson>)

export const MACHINE = fields({
  scopes: v.optional(STRINGS),
  defaultTokenTtl: v.optional(POSITIVE),
} satisfies FieldSchemas<SeedMachine>)

const SCOPES = v.array(stringThat(isScope, 'a scope without spaces'), 'a list of scopes')
const TOKEN_FORMAT = oneOf('jwt', 'opaque')

export const CLIENT = fields({
  name: A_STRING,
  redirectUris: v.optional(v.array(stringThat(isRedirectUri, REDIRECT_URI_RULE), 'a list of URIs')),
  scopes: v.optional(SCOPES),
  secret: v.optional(stringThat((text) => text !== '', 'a non-empty string')),
  accessTokens: v.optional(TOKEN_FORMAT),
  clientId: v.optional(stringThat(isDocumentUrl, 'an https URL with a path, as written by new URL(…).href')),
} satisfies FieldSchemas<SeedClient>)

export const OAUTH = fields({
  scopes: v.optional(SCOPES),
  defaultScopes: v.optional(SCOPES),
  dynamicRegistration: v.optional(A_BOOLEAN),
  accessTokens: v.optional(TOKEN_FORMAT),
} satisfies FieldSchemas<SeedOAuth>)

export const PLAN = fields({
  name: A_STRING,
  payer: oneOf('user', 'org'),
  description: v.optional(A_STRING),
  amount: v.optional(NOT_NEGATIVE),
  annualMonthlyAmount: v.optional(NOT_NEGATIVE),
  features: v.optional(STRINGS),
  freeTrialDays: v.optional(
    v.custom(
      (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 365,
      'an integer from 1 to 365',
    ),
  ),
} satisfies FieldSchemas<SeedPlan>)

const PAYER: { readonly [Field in keyof Required<SeedPayer>]: AnySchema } = {
  user: v.optional(A_STRING),
  organization: v.optional(A_STRING),
}

/** How long ago: a hundred years at most. */
const DAYS = v.optional(
  v.custom(
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 36_500,
    'an integer from 0 to 36500',
  ),
)

export const SUBSCRIPTION = fields({
  ...PAYER,
  plan: A_STRING,
  period: v.optional(oneOf('month', 'annual')),
  trial: v.optional(A_BOOLEAN),
  daysSinceStart: DAYS,
  paymentsFail: v.optional(A_BOOLEAN),
} satisfies FieldSchemas<SeedSubscription>)

const PAYMENT = fields({
  status: v.optional(oneOf('pending', 'paid', 'failed')),
  amount: v.optional(NOT_NEGATIVE),
} satisfies FieldSchemas<SeedPayment>)

export const STATEMENT = fields({
  ...PAYER,
  status: v.optional(oneOf('open', 'closed')),
  daysAgo: DAYS,
  payments: v.array(PAYMENT, 'a list'),
} satisfies FieldSchemas<SeedStatement>)

export const SIGN_UP = fields({
  emailAddress: v.optional(stringThat(isEmailAddress, 'an email address')),
  phoneNumber: v.optional(stringThat(isPhoneNumber, 'a phone number such as "+12025550100"')),
} satisfies FieldSchemas<SeedSignUp>)

/** What a token may have is checked when it is minted. */
export const SEED_PERSONA = fields({
  sessionToken: v.optional(AN_OBJECT),
  m2mToken: v.optional(AN_OBJECT),
  oauthToken: v.optional(AN_OBJECT),
  apiKey: v.optional(AN_OBJECT),
  templateToken: v.optional(AN_OBJECT),
} satisfies FieldSchemas<SeedPersona>)
