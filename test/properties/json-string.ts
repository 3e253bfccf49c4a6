import * as fc from 'fast-check'

const NAMES = ['a', 'b', 'exp', '1', '01', '', '__proto__', 'é', '🔑', ':', '"', '\\', '}{', 'a\u0000']
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\n': '\\n',
  '\t': '\\t',
}

const space = fc.string({ unit: fc.constantFrom(...' \t\n\r'.split('')), maxLength: 2 })
const number = fc.constantFrom(
  '0',
  '-0',
  '1',
  '-1.5',
  '1e5',
  '1E+5',
  '0.1e-7',
  '9007199254740993',
  '1e999',
  '12345678901234567890',
)

/** A code unit, raw if allowed, or in one of its escaped forms. */
function encodingsOf(unit: string): fc.Arbitrary<string> {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0')
  const escaped = fc.constantFrom(`\\u${hex}`, `\\u${hex.toUpperCase()}`)
  const short = SHORT_ESCAPES[unit]
  if (short !== undefined) return fc.oneof(fc.constant(short), escaped)
  const mayBeRaw = unit >= ' ' && !/[\ud800-\udfff]/.test(unit)
  return mayBeRaw ? fc.oneof({ weight: 3, arbitrary: fc.constant(unit) }, escaped) : escaped
}

/** A JSON string: one value has many encodings. */
function quoted(text: string): fc.Arbitrary<string> {
  return fc.tuple(...text.split('').map(encodingsOf)).map((units) => `"${units.join('')}"`)
}

const name = fc.constantFrom(...NAMES).chain(quoted)
const codeUnits = fc.array(
  fc.oneof(
    fc.constantFrom(...'ab:"\\{}[],/\ud83d\udd11'.split('')),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  ),
  { maxLength: 6 },
)
const anyString = codeUnits.map((units) => units.join('')).chain(quoted)
const plainString = fc.string({ maxLength: 6 }).chain(quoted)

const listOf = (item: fc.Arbitrary<string>) =>
  fc
    .array(
      fc.tuple(space, item, space).map((parts) => parts.join('')),
      { maxLength: 4 },
    )
    .map((items) => items.join(','))

const { value, object } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('true', 'false', 'null'),
    { weight: 2, arbitrary: number },
    { weight: 4, arbitrary: plainString },
    { weight: 1, arbitrary: anyString },
    { weight: 4, arbitrary: tie('object') },
    { weight: 2, arbitrary: tie('array') },
  ),
  array: listOf(tie('value')).map((items) => `[${items}]`),
  object: listOf(fc.tuple(name, space, tie('value')).map(([name, gap, value]) => `${name}${gap}:${gap}${value}`)).map(
    (members) => `{${members}}`,
  ),
}))

/** A value inside many brackets, around the maximum depth. */
const deep = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"a":', '}]']), fc.integer({ min: 10, max: 36 }), value)
  .map(([[open = '', close = ''], depth, inner]) => `{"a":${open.repeat(depth)}${inner}${close.repeat(depth)}}`)

/** JSON objects in every form: whitespace, escapes, duplicate names, unpaired surrogates, depth. */
export const jsonObject: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(space, object, space).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: deep },
)

const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 3 }),
  insert: fc.constantFrom('', '"', ':', ',', '{', '}', '[', ']', '\\', '\ufeff', ' ', '\0', 'é', '0', '/**/'),
})

/** The same with a few characters changed: mostly no longer JSON. */
export const brokenJson: fc.Arbitrary<string> = fc
  .tuple(jsonObject, fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([text, edits]) =>
    edits.reduce((text, { at, remove, insert }) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + insert + text.slice(start + remove)
    }, text),
  )
