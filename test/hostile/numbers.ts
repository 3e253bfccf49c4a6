export function toBigInt(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`)
}

/** Big-endian. */
export function toOctets(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}

export function littleEndian(octets: Uint8Array): bigint {
  return toBigInt(octets.toReversed())
}

export function toLittleEndian(value: bigint, length: number): Buffer {
  return Buffer.from(toOctets(value, length).toReversed())
}
