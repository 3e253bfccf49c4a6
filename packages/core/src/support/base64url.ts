const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const SIX_BITS = new Int8Array(128).fill(-1)
for (let i = 0; i < ALPHABET.length; i++) SIX_BITS[ALPHABET.charCodeAt(i)] = i

/**
 * Strictly decodes base64url as specified in RFC 7515 section 2: no padding, no whitespace, no other alphabet, and no
 * non-zero trailing bits, so that each value has exactly one encoding.
 *
 * @returns `undefined` for any other string
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const spare = text.length % 4
  if (spare === 1) return undefined

  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let written = 0
  for (let i = 0; i < text.length; i++) {
    const six = SIX_BITS[text.charCodeAt(i)] ?? -1
    if (six < 0) return undefined
    held = (held << 6) | six
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[written++] = held >>> bits
      held &= (1 << bits) - 1
    }
  }
  return held === 0 ? bytes : undefined
}
