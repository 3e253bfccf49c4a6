import { Refusal } from '../api/errors.js'
import { MAX_METADATA_BYTES } from '../model/metadata.js'
import type { JsonObject } from '../model/schema.js'
import { isObject } from '../support/input.js'
import type { Call } from './operation.js'

const NAMES = ['public_metadata', 'private_metadata', 'unsafe_metadata'] as const

type Name = (typeof NAMES)[number]

export type MetadataBody = { readonly [N in Name]?: JsonObject | null | undefined }

type Metadata = { readonly [N in Name]?: JsonObject }

/**
 * Merges metadata deeply. `null` removes a key, or leaves a whole field unchanged.
 *
 * @throws {Refusal} if the result is larger than Clerk allows
 */
export function mergedMetadata(before: MetadataBody, body: MetadataBody): Metadata {
  const given = NAMES.filter((name) => body[name])
  return Object.fromEntries(given.map((name) => [name, mergedField(name, before[name] ?? {}, body[name] ?? {})]))
}

/** Replaces the given fields. `null` leaves a field unchanged. */
export function replacedMetadata(_before: MetadataBody, body: MetadataBody): Metadata {
  return Object.fromEntries(NAMES.flatMap((name) => (body[name] ? [[name, body[name]]] : [])))
}

/**
 * Updating a user or organization could change its metadata until a version that has a separate operation for that.
 *
 * @throws {Refusal}
 */
export function refuseMetadata({ version, body }: Call<unknown, object>): void {
  if (version < '2026-05-12') return
  const given = NAMES.find((name) => Object.hasOwn(body, name))
  if (given !== undefined)
    throw new Refusal('form_param_unknown', `${given} is not a valid parameter for this request.`, given)
}

function mergedField(name: Name, before: JsonObject, changes: JsonObject): JsonObject {
  const merged = merge(before, changes)
  if (Buffer.byteLength(JSON.stringify(merged)) <= MAX_METADATA_BYTES) return merged
  throw new Refusal(
    'form_param_exceeds_allowed_size',
    `The given ${name} exceeds the maximum allowed size of ${MAX_METADATA_BYTES} bytes.`,
    name,
  )
}

function merge(metadata: JsonObject, changes: JsonObject): JsonObject {
  const merged = new Map(Object.entries(metadata))
  for (const [key, value] of Object.entries(changes)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isObject(value)) merged.set(key, merge(isObject(before) ? { ...before } : {}, { ...value }))
    else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}
