/** When a token with this `ttl` is issued: now, or for an already expired one, `usualTtl` before its expiry. */
export function issuedAt(now: number, ttl: number, usualTtl: number): number {
  return ttl > 0 ? now : now + ttl - usualTtl
}

/** The times of a JWT, in seconds. */
export function jwtTimes(nowInSeconds: number, ttlInSeconds: number, usualTtlInSeconds: number) {
  const iat = issuedAt(nowInSeconds, ttlInSeconds, usualTtlInSeconds)
  return { exp: nowInSeconds + ttlInSeconds, iat, nbf: iat - NBF_LEEWAY_IN_SECONDS }
}

const NBF_LEEWAY_IN_SECONDS = 10
