/** What people take for a token and is none. */
export interface NoToken {
  /** what it is, with its article */
  readonly name: string
  readonly because: string
  readonly remedy: string
}

/** By how it begins. */
const NO_TOKENS: readonly (NoToken & { readonly prefix: RegExp })[] = [
  {
    prefix: /^sk_(test|live)_/,
    name: 'A secret key of Clerk’s',
    because: 'it is a secret key, by which an API asks Clerk, and no token',
    remedy:
      'Keep it where the API runs and paste it nowhere: whoever has it can do everything at its instance. Make a new one if others may have seen it. What a caller sends is a token.',
  },
  {
    prefix: /^pk_(test|live)_/,
    name: 'A publishable key of Clerk’s',
    because: 'it is a publishable key, which only names an instance, and no token',
    remedy:
      'Give it to whatever asks for CLERK_PUBLISHABLE_KEY, here --publishable-key. What a caller sends is a token.',
  },
  {
    prefix: /^whsec_/,
    name: 'A signing secret of a webhook',
    because: 'it is the signing secret of a webhook, by which its deliveries are verified, and no token',
    remedy:
      'Keep it where the webhook arrives and paste it nowhere: whoever has it can make up deliveries. What a caller sends is a token.',
  },
]

/** `undefined`: it may be a token. */
export function noTokenOf(text: string): NoToken | undefined {
  return NO_TOKENS.find(({ prefix }) => prefix.test(text))
}
