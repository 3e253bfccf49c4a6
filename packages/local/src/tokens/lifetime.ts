/** When a token with this `ttl` is issued: now, or for an already expired one, `usualTtl` before its expiry. */
export function issuedAt(now: number, ttl: number, usualTtl: number): number {
  return ttl > 0 ? now : now + ttl - usualTtl
}

/** A time in milliseconds, within the range of a `Date` (ECMA-262 section 21.4.1.1), however long a lifetime is. */
export function representable(time: number): number {
  return Math.min(Math.max(time, -MAX_TIME), MAX_TIME)
}

const MAX_TIME = 8.64e15

/** The times of a JWT, in seconds. */
export function jwtTimes(nowInSeconds: number, ttlInSeconds: number, usualTtlInSeconds: number) {
  const iat = issuedAt(nowInSeconds, ttlInSeconds, usualTtlInSeconds)
  return { exp: nowInSeconds + ttlInSeconds, iat, nbf: iat - NBF_LEEWAY_IN_SECONDS }
}

const NBF_LEEWAY_IN_SECONDS = 10
