import * as v from 'valibot'
import { newId, type IdPrefix } from './ids.js'
import { string, time, type Fields, type Values } from './schema.js'

/** What every record has. Times are milliseconds since the epoch. */
export interface BaseRecord {
  readonly id: string
  readonly created_at: number
  readonly updated_at: number
}

/** A kind of record: the schema of its fields, from which type, defaults and the check of a data file derive. */
export interface AnyRecordType {
  /** Clerk's word for it, as in the field `object` of its JSON */
  readonly object: string
  readonly schema: v.GenericSchema<unknown, BaseRecord>
  /** A new record with a random id. `given` overrides the defaults, the id and the times. */
  create(given: never, now: number): BaseRecord
}

export interface RecordType<F extends Fields> extends AnyRecordType {
  readonly fields: F
  readonly schema: v.GenericSchema<unknown, RecordOf<F>>
  create(given: New<F>, now: number): RecordOf<F>
}

export type RecordOf<F extends Fields> = Readonly<Values<F>> & BaseRecord

/** The fields of a new record: those without a default, and any others. */
export type New<F extends Fields> = v.InferInput<v.ObjectSchema<F, undefined>> & Partial<BaseRecord>

/** The stored record of a kind: `Stored<typeof User>`. */
export type Stored<T> = T extends RecordType<infer F> ? RecordOf<F> : never

export function record<const F extends Fields>(object: string, prefix: IdPrefix, fields: F): RecordType<F> {
  const schema = v.object({ id: string(), ...fields, created_at: time(), updated_at: time() })
  return {
    object,
    fields,
    schema: schema as never,
    create: (given, now) => v.parse(schema, { id: newId(prefix), created_at: now, updated_at: now, ...given }) as never,
  }
}
