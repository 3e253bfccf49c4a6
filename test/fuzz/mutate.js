import { inJson } from './mutate-json.js'

/** @typedef {import('./random.js').Random} Random */

const JSON_WORDS = String.raw`
  "alg":"EdDSA" "alg":"none" "kid":"key_1" "typ":"at+jwt" "typ":"JWT" "crit":["exp"] "b64":false
  "cat":"cl_B7d4PD111AAA" "cat":"cl_B7d4PD222AAA" "cat":"cl_B7d4PD333AAA" "cat":"cl_I7d4PD111III"
  "sub":"user_2a" "sub":"mch_ "sid":"sess_1" "exp":9e9 "exp":1e999 "iat": "nbf":-1 "aud":["api"]
  "sts":"pending" "act":null "fva":[0,-1] "fea":"o:x,u:y" "fpm":"9007199254740993" "__proto__":{}
  "keys":[ "kty":"OKP" "kty":"RSA" "kty":"EC" "crv":"P-256" "crv":"Ed25519" "use":"enc" "n":" "e":"AQAB"
  "revoked": "expired": "active": "expiration": "object": "scopes": "errors":[{"code":"x"}]
  { } [ ] , : " \ \u0061 \ud800 null true false 0 -1`
const HEADER_WORDS = 'Bearer |Basic |Authorization: |Cookie: __session=|Cookie: |; __session=|Origin: |POST|GET'
const ODD_WORDS = ['\n', '\r\n', ' ', '\t', '\0', '\x7f', '\x80', '\xff', '\xef\xbb\xbf']
const WORDS = [
  ...JSON_WORDS.trim().split(/\s+/),
  ...HEADER_WORDS.split('|'),
  ...ODD_WORDS,
  ...'mt_ oat_ ak_ . .. = == + / - _ % ;'.split(' '),
]

/** @type {readonly ((text: string, random: Random, corpus: readonly string[]) => string)[]} */
const CHANGES = [
  (text, random) => splice(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, random) => {
    const at = random.below(text.length)
    return splice(text, at, 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))))
  },
  (text, random) => splice(text, random.below(text.length + 1), 0, random.one(WORDS)),
  (text, random) => splice(text, random.below(text.length), random.below(12), random.one(WORDS)),
  (text, random) => splice(text, random.below(text.length), 1 + random.below(40), ''),
  (text, random) => {
    const from = random.below(text.length)
    return splice(text, random.below(text.length), 0, text.slice(from, from + random.below(40)))
  },
  (text, random) => splice(text, random.below(text.length), 0, random.one(WORDS).repeat(random.below(100))),
  (text, random, corpus) => {
    const other = random.one(corpus)
    const cut = random.below(other.length)
    return splice(text, random.below(text.length), random.below(60), other.slice(cut, cut + random.below(200)))
  },
  (text, random, corpus) =>
    text.slice(0, random.below(text.length)) + random.one(corpus).slice(random.below(text.length)),
  inNumber,
  // More often, because their results are more often well formed.
  inJson,
  inJson,
  inJson,
  inDecoded,
  inDecoded,
]

/**
 * Returns a similar input, with a few changes.
 *
 * @param {string} text bytes, as characters up to 255
 * @param {Random} random
 * @param {readonly string[]} corpus
 */
export function mutate(text, random, corpus) {
  let changed = text
  for (let left = 1 + random.below(1 + random.below(6)); left > 0; left--)
    changed = random.one(CHANGES)(changed, random, corpus)
  return changed.slice(0, 20_000)
}

/**
 * @param {string} text
 * @param {Random} random
 */
function inNumber(text, random) {
  const numbers = [...text.matchAll(/\d+/g)]
  if (numbers.length === 0) return text
  const { 0: number, index } = random.one(numbers)
  const others = ['0', '-1', '1', `${random.below(2 ** 31)}`, '1e999', `${number}0`, number.slice(1), `${number}.5`]
  return splice(text, index, number.length, random.one(others))
}

/**
 * Changes the decoded base64url, because a change to its characters seldom results in JSON.
 *
 * @param {string} text
 * @param {Random} random
 * @param {readonly string[]} corpus
 * @returns {string}
 */
function inDecoded(text, random, corpus) {
  const parts = [...text.matchAll(/[\w-]{16,}/g)]
  if (parts.length === 0) return text
  const { 0: part, index } = random.one(parts)
  const decoded = Buffer.from(part, 'base64url').toString('latin1')
  const changed = random.one(CHANGES.filter((change) => change !== inDecoded))(decoded, random, corpus)
  return splice(text, index, part.length, Buffer.from(changed, 'latin1').toString('base64url'))
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} removed
 * @param {string} inserted
 */
function splice(text, at, removed, inserted) {
  return text.slice(0, at) + inserted + text.slice(at + removed)
}
