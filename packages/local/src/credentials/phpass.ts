import { createHash } from 'node:crypto'

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const MAX_LOG2_ROUNDS = 16

/**
 * Parses a portable phpass digest, `$P$<rounds><salt><hash>`: https://www.openwall.com/phpass/. Returns `undefined` if
 * it is malformed or would take too long to verify.
 */
export function parsePhpass(digest: string): ((password: string) => boolean) | undefined {
  const [, log2Rounds = '', salt = '', hash] =
    /^\$P\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/.exec(digest) ?? []
  const exponent = ALPHABET.indexOf(log2Rounds)
  if (!hash || exponent < 7 || exponent > MAX_LOG2_ROUNDS) return
  return (password) => {
    let computed = createHash('md5').update(salt).update(password).digest()
    for (let round = 0; round < 2 ** exponent; round++)
      computed = createHash('md5').update(computed).update(password).digest()
    return encode(computed) === hash
  }
}

/** Base 64 of groups of three bytes, least significant bits first. */
function encode(bytes: Buffer): string {
  let encoded = ''
  for (let start = 0; start < bytes.length; start += 3) {
    const group = bytes.subarray(start, start + 3)
    const value = group.readUIntLE(0, group.length)
    for (let digit = 0; digit <= group.length; digit++) encoded += ALPHABET[(value >> (6 * digit)) & 63]
  }
  return encoded
}
