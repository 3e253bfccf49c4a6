import { headerCache } from '../../packages/core/src/token/header-cache.js'
import { splitJws } from '../../packages/core/src/token/jws.js'
import { slotsOf } from '../../packages/core/src/introspection/slots.js'
import { fakeClock, MINUTE, NOW, SECOND, turn } from '../../packages/core/test/fixtures.js'
import { good, opaque, unknownToken } from '../../packages/core/test/fixtures-machines.js'
import { MIB } from './heap.js'
import { KEY, startInstance, type Instance } from './instance.js'

/** Slightly more than the bounds of 10,000. */
const MANY = 10_200
const LIVES_AN_HOUR = { exp: NOW / SECOND + 3600 }
const UNLIMITED = { remote: { callsPerSecond: 1e6, maxInFlight: 1e6 } }
/** Few bytes of a token that take many bytes in memory. */
const LISTS = Array.from({ length: 1800 }, () => [])

/** Sends many tokens, some concurrently, and returns the maximum of a value in between. */
async function mostOf(
  measured: () => number,
  { outcomeOf }: Instance,
  count: number,
  token: (i: number) => string,
  expected = 'passed',
): Promise<number> {
  let most = 0
  for (let i = 0; i < count; i += 100) {
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, j) => outcomeOf(token(i + j))))
    if (!outcomes.every((outcome) => outcome === expected)) throw new Error(`not ${expected}: ${outcomes.join()}`)
    most = Math.max(most, measured())
  }
  return most
}

export function verifiedTokens(): Promise<number> {
  const instance = startInstance()
  const token = (i: number) => KEY.token({ ...LIVES_AN_HOUR, i })
  return mostOf(() => instance.clerk.stats().verified.entries, instance, MANY, token)
}

export async function largeTokens(): Promise<number> {
  const instance = startInstance()
  const token = (i: number) => KEY.token({ ...LIVES_AN_HOUR, i, lists: LISTS })
  return wholeMiB(await mostOf(() => instance.clerk.stats().verified.bytes, instance, 400, token))
}

/** A cached header is decoded to the same object each time. */
export async function headersOfTokens(): Promise<number> {
  const { decode, remember } = headerCache()
  const tokens = Array.from({ length: 250 }, (_, i) => splitJws(KEY.token({}, { kid: `key_${i}` })))
  let most = 0
  for (const [i, jws] of tokens.entries()) {
    remember(jws)
    const remembered = tokens.slice(0, i + 1).filter(({ encodedHeader, header }) => decode(encodedHeader) === header)
    most = Math.max(most, remembered.length)
  }
  return most
}

export async function passedVerdicts(): Promise<number> {
  return (await passedAndKnown()).passed
}

export async function knownTokens(): Promise<number> {
  return (await passedAndKnown()).known
}

let flooded: Promise<{ readonly passed: number; readonly known: number }> | undefined

/** The same flood fills both. */
function passedAndKnown(): NonNullable<typeof flooded> {
  flooded ??= flood()
  return flooded

  async function flood() {
    const instance = startInstance(UNLIMITED)
    const remembered = () => instance.clerk.stats().remote.remembered
    let known = 0
    const measure = () => {
      known = Math.max(known, remembered().known)
      return remembered().entries
    }
    return { passed: await mostOf(measure, instance, MANY, (i) => opaque('api_key', `${i}`)), known }
  }
}

/**
 * There is no byte count for these, so they are counted by the content of a response, which is smaller than the real
 * size.
 */
export async function largeVerdicts(): Promise<number> {
  const instance = startInstance(UNLIMITED)
  const filler = 'x'.repeat(60_000)
  instance.network.answer(() => good('m2m_token', { claims: { filler } }))
  const entries = () => instance.clerk.stats().remote.remembered.entries
  const most = await mostOf(entries, instance, 700, (i) => opaque('m2m_token', `${i}`))
  return wholeMiB(most * filler.length)
}

/** A remainder of less than a MiB is space in which no further entry fits. */
function wholeMiB(bytes: number): number {
  return Math.ceil(bytes / MIB)
}

export function refusedVerdicts(): Promise<number> {
  const instance = startInstance(UNLIMITED)
  instance.network.answer(unknownToken)
  const refused = () => instance.clerk.stats().remote.remembered.refused
  return mostOf(refused, instance, 1500, (i) => opaque('m2m_token', `${i}`), 'token-not-found')
}

export async function callsAtOneTime(): Promise<number> {
  const { network, outcomeOf } = startInstance()
  await outcomeOf(opaque('api_key', 'known'))
  const before = network.calls
  const release = network.hold()
  const kinds = ['m2m_token', 'oauth_token', 'api_key'] as const
  const flood = Promise.all(Array.from({ length: 3000 }, (_, i) => outcomeOf(opaque(kinds[i % 3]!, `${i}`))))
  await turn()
  const calls = network.calls - before
  release()
  await flood
  return calls
}

export async function waitingForCalls(): Promise<number> {
  const closing = new AbortController()
  const slots = slotsOf(64, () => false, fakeClock(), closing.signal)
  const caller = { known: false, overdueAt: Number.POSITIVE_INFINITY }
  const flood = Promise.all(Array.from({ length: 1000 }, async () => slots.take(caller) ?? slots.wait(caller, 60_000)))
  const { taken, waiting } = slots.stats()
  closing.abort()
  await flood
  return taken + waiting
}

export async function callsOfKnownTokens(): Promise<number> {
  const instance = startInstance({ remote: { callsPerSecond: 1e6, rememberInMs: 0 } })
  const { network, outcomeOf } = instance
  const token = (i: number) => opaque('api_key', `${i}`)
  for (let i = 0; i < 200; i++) await outcomeOf(token(i))
  const before = network.calls
  const release = network.hold()
  const flood = Promise.all(Array.from({ length: 200 }, (_, i) => outcomeOf(token(i))))
  await turn()
  const calls = network.calls - before
  release()
  await flood
  return calls
}

export async function callsByStrangers(): Promise<number> {
  const { network, outcomeOf, advance } = startInstance()
  await outcomeOf(opaque('m2m_token', 'known'))
  advance(MINUTE)
  const before = network.calls
  for (let i = 0; i < 1000; i++) await outcomeOf(opaque('m2m_token', `bad${i}`))
  return network.calls - before
}

export async function anyNumberOfCallers(): Promise<number> {
  const { network, outcomeOf } = startInstance()
  const outcomes = await Promise.all(Array.from({ length: 5000 }, () => outcomeOf(opaque('m2m_token'))))
  if (new Set(outcomes).size !== 1) throw new Error('the results differ')
  return network.calls
}
