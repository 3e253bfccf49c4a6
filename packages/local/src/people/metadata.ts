import { Refusal } from '../http/errors.js'
import { isObject } from '../input.js'

export type Metadata = Readonly<Record<string, unknown>>

const MAX_BYTES = 8192

export const METADATA_FIELD = { type: 'object', nullable: true, max: MAX_BYTES } as const

/** Applies the metadata in a request: `null` or `undefined` leaves the current metadata unchanged. */
export type MetadataChange = (name: string, metadata: Metadata, asked?: Metadata | null) => Metadata

export const replaceMetadata: MetadataChange = (_, metadata, asked) => asked ?? metadata

/**
 * Merges `changes` deeply into `metadata`. `null` removes a key.
 *
 * @throws {Refusal} if the result is larger than Clerk allows
 */
export function mergeMetadata(name: string, metadata: Metadata, changes: Metadata | null = {}): Metadata {
  const merged = merge(metadata, changes ?? {})
  if (Buffer.byteLength(JSON.stringify(merged)) <= MAX_BYTES) return merged
  throw new Refusal(
    'form_param_exceeds_allowed_size',
    `The given ${name} exceeds the maximum allowed size of ${MAX_BYTES} bytes.`,
    name,
  )
}

function merge(metadata: Metadata, changes: Metadata): Metadata {
  const merged = new Map(Object.entries(metadata))
  for (const [key, value] of Object.entries(changes)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isObject(value)) merged.set(key, merge(isObject(before) ? { ...before } : {}, { ...value }))
    else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}
