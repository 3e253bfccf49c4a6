import { createHash } from 'node:crypto'

/** @param host of the frontend API, with its port */
export function publishableKeyOf(host: string): string {
  return `pk_test_${Buffer.from(`${host}$`).toString('base64')}`
}

/** What tells the cookies of one instance from those of another on the same host, after their name and an underscore. */
export function cookieSuffixOf(publishableKey: string): string {
  const digest = createHash('sha1').update(publishableKey).digest('base64')
  return digest.replaceAll('+', '-').replaceAll('/', '_').slice(0, 8)
}
