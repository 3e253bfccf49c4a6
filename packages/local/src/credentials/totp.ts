import { load } from '../support/load.js'

/** Whether it is a base32 secret (RFC 4648) of at most 256 characters, with or without padding. */
export function isBase32Secret(value: string): boolean {
  const [, digits = ''] = /^([A-Z2-7]{2,256})={0,6}$/i.exec(value) ?? []
  // No number of whole bytes is encoded in 1, 3 or 6 digits.
  return digits !== '' && ![1, 3, 6].includes(digits.length % 8)
}

/**
 * Whether it is the code of this period of 30 seconds, the one before or the one after.
 *
 * @param now milliseconds since the epoch
 */
export function isTotpCode(secret: string, code: string, now: number): boolean {
  if (!/^\d{6}$/.test(code)) return false
  const { Secret, TOTP } = load('otpauth')
  const parameters = { algorithm: 'SHA1', digits: 6, period: 30, window: 1 }
  return TOTP.validate({ ...parameters, secret: Secret.fromBase32(secret), token: code, timestamp: now }) !== null
}
