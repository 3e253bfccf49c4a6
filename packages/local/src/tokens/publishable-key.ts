import { createHash } from 'node:crypto'

/** @param host of the frontend API, with its port */
export function publishableKeyOf(host: string): string {
  return `pk_test_${Buffer.from(`${host}$`).toString('base64')}`
}

/** The host of the frontend API in a publishable key, with its port; `undefined`: not a publishable key. */
export function frontendApiOf(publishableKey: string): string | undefined {
  const [, encoded = ''] = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(publishableKey) ?? []
  const named = /^((?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?)\$$/.exec(Buffer.from(encoded, 'base64').toString())
  return named?.[1]
}

/** Distinguishes the cookies of instances on the same host; appended to the name after an underscore. */
export function cookieSuffixOf(publishableKey: string): string {
  const digest = createHash('sha1').update(publishableKey).digest('base64')
  return digest.replaceAll('+', '-').replaceAll('/', '_').slice(0, 8)
}
