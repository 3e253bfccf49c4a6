export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** Big-endian. */
export function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}

export function littleEndian(bytes: Uint8Array): bigint {
  return toBigInt(bytes.toReversed())
}

export function toLittleEndian(value: bigint, length: number): Buffer {
  return Buffer.from(toBytes(value, length).toReversed())
}
