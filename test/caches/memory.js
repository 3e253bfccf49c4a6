// Does memory stay within its bounds? node --expose-gc test/caches/memory.js [--tokens 1000000]
//
// First a flood of different tokens, then caches filled with tokens of the same shape. Exits with 1 if anything uses
// more than twice its bound.
import { generateKeyPairSync, sign } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { AuthError, createClerkAuth } from '@clerk-auth/core'
import { printTable, progress } from '../../bench/src/report.js'
import { SHAPES } from './memory-shapes.js'

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '1000000' } } })
const TOKENS = Number(values.tokens)
if (!Number.isSafeInteger(TOKENS) || TOKENS < 1) throw new TypeError('--tokens must be an integer above 0')
const REPORTS = 10
const MIB = 1024 * 1024

const ISSUER = 'https://clerk.example.com'
const HOUR_IN_SECONDS = 3600
const MACHINE = `mch_${'m'.repeat(27)}`
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key_1' }] }

/** @param {string} members of the payload, as JSON */
function mint(members, kid = 'key_1') {
  const iat = Math.floor(Date.now() / 1000)
  const times = `"iat":${iat},"exp":${iat + HOUR_IN_SECONDS}`
  const payload = `{"iss":"${ISSUER}","sub":"user_${'u'.repeat(27)}","sid":"sess_${'s'.repeat(27)}",${times},${members}}`
  const input = [`{"alg":"ES256","typ":"JWT","kid":"${kid}"}`, payload]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const template = mint('"i":0').split('.')
/** Creating it needs no signature; refusing it needs a verification. @param {number} i */
const forge = (i) =>
  `${template[0]}.${Buffer.from(`{"sub":"user_${i}","sid":"sess_${i}"}`).toString('base64url')}.${template[2]}`
const opaque = (/** @type {string} */ prefix, /** @type {number} */ i) => `${prefix}_${String(i).padStart(32, '0')}`

/** One in ten of each. @type {readonly (readonly [name: string, token: (i: number) => string])[]} */
const FLOOD = [
  ['valid', (i) => mint(`"i":${i}`)],
  ['forged', forge],
  ['with an unknown key', (i) => mint(`"i":${i}`, `made_up_${i}`)],
  ['of a pending session', (i) => mint(`"i":${i},"sts":"pending"`)],
  ['malformed', (i) => `${i}.${template[1]}.${template[2]}`],
  ['too large', (i) => `${i}`.padEnd(9000, 'x')],
  ['made-up M2M tokens', (i) => opaque('mt', i)],
  ['made-up OAuth tokens', (i) => opaque('oat', i)],
  ['made-up API keys', (i) => opaque('ak', i)],
  ['malformed opaque tokens', (i) => `mt_${i}.${i}`],
]

const NOT_FOUND = { code: 'resource_not_found', message: 'Not found', long_message: 'Not found' }
const notFound = () => Response.json({ errors: [NOT_FOUND] }, { status: 404 })

async function heapUsed() {
  if (!globalThis.gc) throw new Error('start it with --expose-gc')
  // Objects held only by a finalizer are freed by the next collection.
  for (let i = 0; i < 3; i++) {
    await setTimeout(20)
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}

/** @param {number} bytes */
const mib = (bytes) => (bytes / MIB).toFixed(1)

async function flood() {
  const clerk = createClerkAuth({ frontendApiUrl: ISSUER, secretKey: 'sk_live_secret', fetch: answer }, {})
  let calls = 0
  let fetches = 0
  /** @param {string} url */
  async function answer(url) {
    if (!url.endsWith('/jwks.json')) return (calls++, notFound())
    fetches++
    return Response.json(jwks)
  }
  /** @type {Record<string, Record<string, number>>} */
  const outcomes = Object.fromEntries(FLOOD.map(([name]) => [name, {}]))
  await clerk.warmUp()
  const before = await heapUsed()
  const rows = []
  for (let i = 0; i < TOKENS; i++) {
    const [name, token] = /** @type {typeof FLOOD[number]} */ (FLOOD[i % FLOOD.length])
    const outcome = await outcomeOf(clerk.verifyToken(token(i), { acceptsToken: 'any' }))
    const counts = /** @type {Record<string, number>} */ (outcomes[name])
    counts[outcome] = (counts[outcome] ?? 0) + 1
    if ((outcome === 'passed') !== (name === 'valid')) throw new Error(`${name}: ${outcome}`)
    if (i % 1000 === 0) await setTimeout(0) // yields, so that timers and responses can run
    if ((i + 1) % Math.ceil(TOKENS / REPORTS) !== 0) continue
    const held = (await heapUsed()) - before
    const { verified, remote } = clerk.stats()
    progress(`${i + 1} tokens, ${mib(held)} MiB more than before`)
    rows.push({ sent: i + 1, held, verified, refused: remote.remembered.refused, rss: process.memoryUsage().rss })
  }
  printTable(
    `${TOKENS} different tokens: ${calls} calls to Clerk, ${fetches} fetches of the key set; ${mib(before)} MiB of heap before.`,
    ['tokens', 'heap, MiB more', 'verified JWTs', 'counted for them, MiB', 'cached refusals', 'process, MiB'],
    rows.map(({ sent, held, verified, refused, rss }) =>
      [sent, mib(held), verified.entries, mib(verified.bytes), refused, mib(rss)].map(String),
    ),
  )
  const summary = Object.entries(outcomes).map(([name, counts]) => [
    name,
    Object.entries(counts)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', '),
  ])
  printTable('The outcomes.', ['tokens', 'outcomes'], summary)
  clerk.forget('all')
  progress(`${mib((await heapUsed()) - before)} MiB more than before, after everything is forgotten`)
  return rows.every(({ held, verified }) => held < 2 * verified.bytes + 4 * MIB)
}

/** @param {Promise<unknown>} verifying */
async function outcomeOf(verifying) {
  try {
    await verifying
    return 'passed'
  } catch (error) {
    if (AuthError.is(error)) return error.code
    throw error
  }
}

const BOUND_IN_MIB = 16
/** Above this a cache uses more memory than its bound allows. */
const cache = { maxBytes: BOUND_IN_MIB * MIB, maxEntries: 1_000_000 }
const HEX = '0123456789abcdef'.repeat(2)

/** @typedef {{ verify: (i: number) => Promise<unknown>, entries: () => number }} Filling */

/** @param {() => string} members @returns {Filling} */
function jwts(members) {
  const clerk = createClerkAuth({ jwks, issuer: ISSUER, cache }, {})
  return { verify: () => clerk.verifyToken(mint(members())), entries: () => clerk.stats().verified.entries }
}

/** The claims come from Clerk's response. @param {() => string} members @returns {Filling} */
function opaqueTokens(members) {
  const record = { object: 'machine_to_machine_token', id: `mt_${HEX}`, subject: MACHINE, scopes: [], expiration: null }
  const common = JSON.stringify({ ...record, revoked: false, expired: false }).slice(0, -1)
  const clerk = createClerkAuth(
    {
      machineSecretKey: 'ak_secret',
      acceptsToken: 'm2m_token',
      cache,
      remote: { rememberInMs: HOUR_IN_SECONDS * 1000, callsPerSecond: 1e6 },
      fetch: async () => new Response(`${common},"claims":{${members()}}}`),
    },
    {},
  )
  return {
    verify: (i) => clerk.verifyToken(opaque('mt', i)),
    entries: () => clerk.stats().remote.remembered.entries,
  }
}

/** Fills a cache until it evicts entries. @param {Filling} filling */
async function fill({ verify, entries }) {
  const before = await heapUsed()
  let count = 0
  for (; entries() === count; count++) await verify(count)
  return { entries: entries(), held: (await heapUsed()) - before }
}

async function shapes() {
  const rows = []
  for (const [name, [bytes, members]] of Object.entries(SHAPES)) {
    progress(`filling caches of ${BOUND_IN_MIB} MiB with ${name}`)
    const local = await fill(jwts(() => members(bytes)))
    const remote = await fill(opaqueTokens(() => members(bytes)))
    rows.push({ name, bytes, local, remote })
  }
  const share = (/** @type {number} */ held) => `${((100 * held) / (BOUND_IN_MIB * MIB)).toFixed(0)} %`
  printTable(
    `Caches of ${BOUND_IN_MIB} MiB, filled with tokens of one shape: their share of the heap, as a percentage of that bound.`,
    ['claims', 'bytes', 'JWTs', 'heap', 'of the bound', 'opaque tokens', 'heap', 'of the bound'],
    rows.map(({ name, bytes, local, remote }) => [
      name,
      ...[bytes, local.entries, mib(local.held), share(local.held)].map(String),
      ...[remote.entries, mib(remote.held), share(remote.held)].map(String),
    ]),
  )
  return rows.every(({ local, remote }) => Math.max(local.held, remote.held) < 2 * BOUND_IN_MIB * MIB)
}

const isWithin = [await flood(), await shapes()]
if (isWithin.includes(false)) {
  console.error('something uses more than twice the memory that it may')
  process.exitCode = 1
}
