export type Bytes = Uint8Array | readonly number[]

export function block(...parts: readonly Bytes[]): Buffer {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)))
}

/** A value in the Distinguished Encoding Rules (ITU-T X.690), as far as signatures need them. */
export function tlv(tag: number, ...contents: readonly Bytes[]): Buffer {
  const content = block(...contents)
  return block([tag], lengthOf(content.length), content)
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

export function sequence(...contents: readonly Bytes[]): Buffer {
  return tlv(0x30, ...contents)
}

/** A non-negative number: a zero is prepended to a byte that would be read as a sign. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return bytes[0]! < 0x80 ? tlv(2, bytes) : tlv(2, [0], bytes)
}
