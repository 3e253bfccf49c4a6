import { json } from './schema.js'

export const MAX_METADATA_BYTES = 8192

/** Metadata that an application attaches to a record. */
export function metadata() {
  return json({ maxBytes: MAX_METADATA_BYTES })
}
