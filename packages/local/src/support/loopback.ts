import { isIPv4 } from 'node:net'

/** @param host a name or address, with or without the brackets of IPv6 */
export function isLoopback(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host.toLowerCase()) || (isIPv4(host) && host.startsWith('127.'))
}

/** Whether `url` is a URL with a loopback host. */
export function isLoopbackUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && isLoopback(new URL(url).hostname)
}
