import { gzipSync } from 'node:zlib'
import { CANARY, json, type Behaviour, type Exchange } from './issuer.js'

/** A complete response other than the expected one, and the reason that the operator sees. */
export type Wrong = readonly [name: string, behave: Behaviour, reason: string]

const NO_SET = 'the response is not a JWK Set'
const EMPTY = 'the key set is empty'
const TOO_MANY = 'the key set has too many keys'
const NO_ANSWER = 'no answer'

// Each has a valid key set as its body, if it has a body: RFC 9110 section 15.
const STATUSES = [
  [201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 303, 304, 307, 308],
  [400, 401, 403, 404, 405, 408, 410, 418, 421, 422, 425, 429, 451],
  [500, 501, 502, 503, 504, 505, 511, 520, 599, 600, 999],
].flat()

const otherStatuses = STATUSES.map((status): Wrong => [
  `the status is ${status}`,
  ({ response, good }) => json(response, status, good),
  `the issuer responded with ${status}`,
])

const HTML = `<!doctype html><title>${CANARY}</title><p>{"keys":[]}`

const otherBodies: readonly Wrong[] = [
  ['it is empty', body(''), NO_SET],
  ['it is HTML', ({ response }) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end(HTML), NO_SET],
  ['it is HTML declared as JSON', body(HTML), NO_SET],
  ['it is text', body(CANARY), NO_SET],
  ['it is a list', body('[]'), NO_SET],
  ['it is a list of keys', body(({ keys }) => JSON.stringify(keys)), NO_SET],
  ['it is a list of sets', body(({ set }) => `[${set}]`), NO_SET],
  ['it is a key', body(({ keys }) => JSON.stringify(keys[0])), NO_SET],
  ['it is null', body('null'), NO_SET],
  ['it is true', body('true'), NO_SET],
  ['it is a number', body('1e999'), NO_SET],
  ['it is a key set in a string', body(({ set }) => JSON.stringify(set)), NO_SET],
  ['it is an object without keys', body('{}'), NO_SET],
  ['its keys have another name', body(({ set }) => set.replace('keys', 'Keys')), NO_SET],
  ['its keys are one level deeper', body(({ set }) => `{"jwks":${set}}`), NO_SET],
  ['its keys are in its prototype', body(({ set }) => `{"__proto__":${set}}`), NO_SET],
  ['its keys are an object', body('{"keys":{}}'), NO_SET],
  [
    'its keys are an array-like object',
    body(({ keys }) => `{"keys":{"0":${JSON.stringify(keys[0])},"length":1}}`),
    NO_SET,
  ],
  ['its keys are null', body('{"keys":null}'), NO_SET],
  ['its keys are a string', body(({ keys }) => JSON.stringify({ keys: JSON.stringify(keys) })), NO_SET],
  ['its keys are a number', body('{"keys":1}'), NO_SET],
  ['it has no keys', body('{"keys":[]}'), EMPTY],
  ['none of its entries is a key', body('{"keys":[null,1,"x",{},[],true,{"kid":""},{"kid":1}]}'), EMPTY],
  [
    'none of its keys has a kid',
    body(({ keys }) => JSON.stringify({ keys: keys.map((key) => ({ ...key, kid: undefined })) })),
    EMPTY,
  ],
  ['it has 65 keys', body(({ keys }) => named(keys[0]!, 65)), TOO_MANY],
  ['it has 65 keys with one kid', body(({ keys }) => JSON.stringify({ keys: Array(65).fill(keys[0]) })), TOO_MANY],
  ['it has 1,500 keys', body(({ keys }) => named(keys[0]!, 1500)), TOO_MANY],
  ['it has 50,000 entries that are not keys', body(`{"keys":[${'0,'.repeat(50_000)}0]}`), TOO_MANY],
  ['it has 10,000 keys', body(({ keys }) => named(keys[0]!, 10_000)), NO_ANSWER],
  [
    'a key has a certificate of a megabyte',
    body(({ keys }) => JSON.stringify({ keys: [{ ...keys[0], x5c: 'x'.repeat(2 ** 20) }] })),
    NO_ANSWER,
  ],
  ['it is truncated', body(({ set }) => set.slice(0, -2)), NO_SET],
  [
    'it is truncated within a character',
    body(({ set }) => Buffer.from(`${set.slice(0, -1)},"x":"ü`).subarray(0, -1)),
    NO_SET,
  ],
  [
    'it was truncated before compression',
    ({ response, good }) =>
      void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(good.slice(0, -2))),
    NO_SET,
  ],
  [
    'it was truncated after compression',
    ({ response, good }) =>
      void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(good).subarray(0, -20)),
    NO_SET,
  ],
  ['it is compressed without declaring it', ({ response, good }) => void response.end(gzipSync(good)), NO_ANSWER],
  [
    'it is compressed with an unknown coding',
    ({ response, good }) => void response.writeHead(200, { 'Content-Encoding': CANARY }).end(`${CANARY}${good}`),
    NO_SET,
  ],
  ['it has trailing data', body(({ set }) => `${set}x`), NO_SET],
  ['it is repeated', body(({ set }) => set + set), NO_SET],
  ['it has leading data', body(({ set }) => `)]}'\n${set}`), NO_SET],
  ['it is a script', body(({ set }) => `callback(${set})`), NO_SET],
  ['it has a comment', body(({ set }) => `/* ${CANARY} */${set}`), NO_SET],
  ['it has a trailing comma', body(({ set }) => set.replace(/}$/, ',}')), NO_SET],
  ['it has NaN', body(({ set }) => set.replace('{', '{"x":NaN,')), NO_SET],
  ['it has single quotes', body(({ set }) => set.replaceAll('"', "'")), NO_SET],
  ['it has two byte order marks', body(({ set }) => `\ufeff\ufeff${set}`), NO_SET],
  ['it is UTF-16', body(({ set }) => Buffer.from(set, 'utf16le')), NO_SET],
  ['it is UTF-16 with a byte order mark', body(({ set }) => Buffer.from(`\ufeff${set}`, 'utf16le')), NO_ANSWER],
  ['it is Latin-1', body(({ set }) => Buffer.from(set.replace('{', '{"x":"ü",'), 'latin1')), NO_ANSWER],
  [
    'it has an unpaired surrogate encoded in UTF-8',
    body(({ set }) =>
      Buffer.concat([Buffer.from('{"x":"'), Buffer.from('eda080', 'hex'), Buffer.from(`",${set.slice(1)}`)]),
    ),
    NO_ANSWER,
  ],
  ['it is nested too deeply', body(`{"keys":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), EMPTY],
]

export const wrongKeySets: readonly Wrong[] = [...otherStatuses, ...otherBodies]

interface GoodSet {
  readonly set: string
  readonly keys: readonly { readonly kid: string }[]
}

function body(make: string | ((good: GoodSet) => string | Buffer)): Behaviour {
  return ({ response, good }: Exchange) => {
    const { keys } = JSON.parse(good) as GoodSet
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(typeof make === 'string' ? make : make({ set: good, keys }))
  }
}

function named(key: object, count: number): string {
  return JSON.stringify({ keys: Array.from({ length: count }, (_, i) => (i === 0 ? key : { ...key, kid: `${i}` })) })
}
