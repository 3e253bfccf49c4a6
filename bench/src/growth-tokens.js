// Up to a million session tokens that differ in `sid`: one template and a signature for each, 64 bytes instead of 800.

/**
 * @typedef {object} Template
 * @property {string} header encoded
 * @property {string} before the payload in JSON up to the serial number
 * @property {string} after the rest of the payload
 */

export const SIGNATURE_BYTES = 64
export const SERIAL_LENGTH = 12

/**
 * @param {Template} template
 * @param {number} serial
 */
export function signingInputOf({ header, before, after }, serial) {
  return `${header}.${encode(before + String(serial).padStart(SERIAL_LENGTH, '0') + after)}`
}

/**
 * @param {Template} template
 * @param {Buffer} signatures
 * @param {number} serial
 */
export function tokenOf(template, signatures, serial) {
  const start = serial * SIGNATURE_BYTES
  return `${signingInputOf(template, serial)}.${signatures.toString('base64url', start, start + SIGNATURE_BYTES)}`
}

/** @param {string} json */
export const encode = (json) => Buffer.from(json).toString('base64url')
