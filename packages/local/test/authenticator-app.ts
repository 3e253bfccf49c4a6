import { Secret, TOTP } from 'otpauth'

/**
 * The code that an authenticator app shows.
 *
 * @param now milliseconds since the epoch
 */
export function totpCode(secret: string, now: number): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now })
}
