/** Something that is easily mistaken for a token. */
export interface NonToken {
  /** what it is, with an article */
  readonly name: string
  readonly because: string
  readonly remedy: string
}

const NON_TOKENS: readonly (NonToken & { readonly prefix: RegExp })[] = [
  {
    prefix: /^sk_(test|live)_/,
    name: 'A Clerk secret key',
    because: 'it is not a token but a secret key, with which an API calls Clerk',
    remedy:
      'Keep it where the API runs and do not paste it anywhere: it gives full access to its instance. Replace it if others may have seen it. Callers send tokens.',
  },
  {
    prefix: /^pk_(test|live)_/,
    name: 'A Clerk publishable key',
    because: 'it is not a token but a publishable key, which only identifies an instance',
    remedy: 'Use it as CLERK_PUBLISHABLE_KEY, here --publishable-key. Callers send tokens.',
  },
  {
    prefix: /^whsec_/,
    name: 'A webhook signing secret',
    because: 'it is not a token but a webhook’s signing secret, with which its deliveries are verified',
    remedy:
      'Keep it where the webhook arrives and do not paste it anywhere: it allows forging deliveries. Callers send tokens.',
  },
]

/** Returns `undefined` if it may be a token. */
export function nonTokenOf(text: string): NonToken | undefined {
  return NON_TOKENS.find(({ prefix }) => prefix.test(text))
}
