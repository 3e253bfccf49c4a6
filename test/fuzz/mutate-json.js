/** @typedef {import('./random.js').Random} Random */
/** @typedef {Record<string, unknown> | unknown[]} Holder an object or an array */

const STRINGS = `user_2e mch_ org_1 sess_9 EdDSA ES256 none JWT at+jwt pending deny any api_key x 0
  cl_B7d4PD111AAA cl_B7d4PD222AAA cl_B7d4PD333AAA cl_I7d4PD111III https://app.example.com`.split(/\s+/)
const ODD = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  1e12,
  1e300,
  2 ** 53,
  '',
  ' ',
  [],
  {},
  [null],
  ['x'],
  [[]],
  '\ud800',
  'é',
]
const VALUES = [...STRINGS, ...ODD]
const NAMES = `alg kid typ cat crit iss sub sid aud exp iat nbf azp act sts scp scopes kty crv x y n e use key_ops
  active revoked expired role check __proto__ a`.split(/\s+/)

/**
 * Changes one value in a JSON string. The result is still JSON.
 *
 * @param {string} text one or more lines, some of them JSON
 * @param {Random} random
 */
export function inJson(text, random) {
  const lines = text.split('\n')
  const at = random.below(lines.length)
  const value = parsed(lines[at] ?? '')
  if (typeof value !== 'object' || value === null) return text
  change(random.one(holdersIn(value)), random)
  return lines.with(at, JSON.stringify(value)).join('\n')
}

/**
 * @param {Holder} holder
 * @param {Random} random
 */
function change(holder, random) {
  const values = Object.values(holder)
  const name = Object.keys(holder)[random.below(values.length)]
  const other = random.below(4) ? random.one(VALUES) : random.one([...values, null])
  if (name === undefined || random.below(4) === 0) return void Object.assign(holder, { [random.one(NAMES)]: other })
  if (random.below(4) === 0) return void Reflect.deleteProperty(holder, name)
  const old = Reflect.get(holder, name)
  /** @type {readonly unknown[]} */
  const near =
    typeof old === 'number'
      ? [old + 1, old - 1, old + 100, old - 100, -old, old * 1000, `${old}`]
      : [[old], [old, other]]
  Reflect.set(holder, name, random.below(2) ? other : random.one(near))
}

/**
 * @param {unknown} value
 * @returns {Holder[]}
 */
function holdersIn(value) {
  if (typeof value !== 'object' || value === null) return []
  return [/** @type {Holder} */ (value), ...Object.values(value).flatMap(holdersIn)]
}

/**
 * @param {string} text
 * @returns {unknown} `undefined` if it is not JSON
 */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
