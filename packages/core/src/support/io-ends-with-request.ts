/**
 * Whether the runtime ends I/O with the request that started it, as Workers do: the promises of that request then never
 * settle. Awaiting one of them throws, or hangs at compatibility dates before 2024-10-14.
 *
 * Recognized by `navigator.userAgent`, which Workers have since compatibility date 2022-03-21:
 * https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
 */
export function ioEndsWithRequest(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
