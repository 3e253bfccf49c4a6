import type { GenericSchema } from 'valibot'

/** What a schema of an operation accepts, in the words of the specification. */
export interface AcceptedValue {
  readonly type: string
  readonly nullable: boolean
  readonly required: boolean
  readonly enum: readonly unknown[] | undefined
  readonly limits: Readonly<Record<string, unknown>>
  readonly items: AcceptedValue | undefined
  readonly fields: Readonly<Record<string, AcceptedValue>> | undefined
  readonly refusesUnknownFields: boolean
}

/** The parts of valibot's schemas and actions that are read here. */
interface Part {
  readonly kind: string
  readonly type: string
  readonly wrapped?: Part
  readonly pipe?: readonly Part[]
  readonly requirement?: unknown
  readonly options?: readonly unknown[]
  readonly item?: Part
  readonly entries?: Readonly<Record<string, Part>>
}

/** Reads a schema of valibot. */
export function acceptedBy(schema: GenericSchema): AcceptedValue {
  return read(schema)
}

function read(part: Part): AcceptedValue {
  if (part.type === 'optional') return { ...read(part.wrapped!), required: false }
  if (part.type === 'nullable') return { ...read(part.wrapped!), nullable: true }
  const [base, ...rules] = stepsOf(part)
  const { type, options, item, entries } = base!
  return {
    type: TYPES[type] ?? type,
    nullable: false,
    required: true,
    enum: type === 'picklist' ? options : undefined,
    limits: limitsOf(base!, rules),
    items: item && read(item),
    fields: entries && Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, read(one)])),
    refusesUnknownFields: type === 'strict_object',
    ...(rules.some((rule) => rule.type === 'integer') && { type: 'integer' }),
  }
}

/** The schema and the rules of a pipe, also of one that a pipe begins with. */
function stepsOf(part: Part): readonly Part[] {
  return part.pipe?.flatMap(stepsOf) ?? [part]
}

const TYPES: Readonly<Record<string, string>> = {
  picklist: 'string',
  custom: 'object',
  strict_object: 'object',
}

function limitsOf({ type }: Part, rules: readonly Part[]): Readonly<Record<string, unknown>> {
  const names = type === 'array' ? LIMITS_OF_LISTS : LIMITS
  return Object.fromEntries(rules.flatMap((rule) => (names[rule.type] ? [[names[rule.type], rule.requirement]] : [])))
}

const LIMITS: Readonly<Record<string, string>> = {
  min_length: 'minLength',
  max_length: 'maxLength',
  min_value: 'minimum',
  gt_value: 'minimum',
  max_value: 'maximum',
}

const LIMITS_OF_LISTS: Readonly<Record<string, string>> = { min_length: 'minItems', max_length: 'maxItems' }
