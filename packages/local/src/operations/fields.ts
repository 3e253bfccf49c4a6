import { metadata } from '../model/metadata.js'
import { boolean, nullish } from '../model/schema.js'

/** `null` is like a missing flag: the default, or unchanged. */
export const FLAG = nullish(boolean())

/** `null` is like missing metadata. */
export const METADATA = nullish(metadata())
