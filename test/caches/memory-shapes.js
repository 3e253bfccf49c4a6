// Contents with which a token could use more memory than is counted for it.

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

let words = 0

/** Random letters. @param {number} length */
function word(length) {
  let text = ''
  for (let left = words++; text.length < length; left = Math.floor(left / LETTERS.length))
    text += LETTERS[left % LETTERS.length]
  return text
}

/** As many parts as fit into so many bytes of JSON. @param {number} bytes @param {() => string} part */
function partsOf(bytes, part) {
  const parts = [part()]
  const length = (parts[0]?.length ?? 0) + 1
  while ((parts.length + 1) * length <= bytes) parts.push(part())
  return parts.join()
}

/** @param {(bytes: number) => string} content */
const claim = (content) => (/** @type {number} */ bytes) => `"custom":${content(bytes)}`
/** @param {() => string} item */
const list = (item) => claim((bytes) => `[${partsOf(bytes - 300, item)}]`)
const nested = (/** @type {string} */ open, /** @type {string} */ close, depth = 29) =>
  list(() => `${open.repeat(depth)}1${close.repeat(depth)}`)

/**
 * An organization whose roles have permissions, as version 2 of the claims packs them.
 *
 * @param {number} features
 * @param {number} permissions
 */
function organization(features, permissions) {
  const names = Array.from({ length: permissions }, (_, i) => `p${i}`)
  const masks = Array.from({ length: features }, () => String(2n ** BigInt(permissions) - 1n))
  const claims = Array.from({ length: features }, (_, i) => `o:feature_${i}`)
  return `"v":2,"o":{"id":"org_1","rol":"admin","per":"${names.join()}","fpm":"${masks.join()}"},"fea":"${claims.join()}"`
}

/**
 * By name: bytes of the payload's JSON, and the members to add to it. Each call returns different ones, if that matters.
 *
 * @type {Readonly<Record<string, readonly [bytes: number, members: (bytes: number) => string]>>}
 */
export const SHAPES = {
  'only the claims that Clerk sets': [300, () => `"jti":"${word(20)}"`],
  'a string, 1 KB': [1000, claim((bytes) => `"${word(bytes - 300)}"`)],
  'a string, 4 KB': [4000, claim((bytes) => `"${word(bytes - 300)}"`)],
  'a string, 6 KB': [5800, claim((bytes) => `"${word(bytes - 300)}"`)],
  'a non-Latin string, 6 KB': [5800, claim((bytes) => `"字${word(bytes - 300)}"`)],
  'many members, 1 KB': [1000, claim((bytes) => `{${partsOf(bytes - 300, () => `"${word(6)}":1`)}}`)],
  'many members, 6 KB': [5800, claim((bytes) => `{${partsOf(bytes - 300, () => `"${word(6)}":1`)}}`)],
  // With more than about 128 members, V8 stores an object differently.
  'objects of 100 members': [5800, list(() => `{${Array.from({ length: 100 }, () => `"${word(4)}":1`).join()}}`)],
  'many small objects': [5800, list(() => `{"${word(4)}":1}`)],
  'many empty objects': [5800, list(() => '{}')],
  'many empty arrays': [5800, list(() => '[]')],
  'many fractions': [5800, list(() => '0.5')],
  'many fractions in arrays': [5800, list(() => '[0.5]')],
  'members named 33': [5800, list(() => '{"33":1}')],
  'members with large numeric names': [5800, list(() => '{"4294967294":1}')],
  'nested arrays': [5800, nested('[', ']')],
  'nested objects': [5800, nested('{"a":', '}')],
  'nested objects with names of 30 characters': [5800, nested('{"30":', '}')],
  '240 permissions': [1200, () => `${organization(30, 8)},"jti":"${word(20)}"`],
  '12,000 permissions': [5800, () => `${organization(100, 120)},"jti":"${word(20)}"`],
}
