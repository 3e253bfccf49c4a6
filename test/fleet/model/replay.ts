import { AuthError, createClerkAuth } from '@clerk-auth/core'
import { sharedMemory, type SharedMemory, type SharedSpace, type SharedStore } from '@clerk-auth/core/shared'
import { ISSUER, issuerKey } from '../../../packages/core/test/fixtures.js'
import { memoryStore } from '../memory-store.js'
import { fakeTime } from './fake-time.js'
import { apply, initialState, WINDOW, type Outcome, type State } from './model.js'

/** A change to what the real code is connected to, which breaks it as a mutant of the model is broken. */
export interface Seam {
  readonly space?: (space: SharedSpace) => SharedSpace
  readonly memory?: (memory: SharedMemory) => SharedMemory
  readonly hasHeartbeat?: false
  /** The response of Clerk during an outage. */
  readonly outage?: () => Response
}

type Request = 'claim' | 'settle' | 'remove' | 'append' | 'read' | 'clerk'

interface Pending {
  readonly process: number
  readonly request: Request
  /** Lets it have its effect, and returns how its answer arrives. */
  readonly perform: () => Promise<() => void>
  arrive?: () => void
}

const TICK_IN_MS = 1000
const LOOK_IN_MS = 25
const DOORBELL_IN_MS = 20
const NOW = Date.UTC(2026, 0, 1)
const USER = `user_${'2'.repeat(27)}`
const TOKEN_ID = `oat_${'0'.repeat(32)}`
const TOKEN = `oat_${'1'.repeat(32)}`
const KEY = issuerKey()
// By its id, it is revoked with the opaque token.
const JWT = KEY.token({ sub: USER, jti: TOKEN_ID, iat: NOW / 1000, nbf: NOW / 1000, exp: NOW / 1000 + 3600 })
const ANSWER = {
  object: 'clerk_idp_oauth_access_token',
  id: TOKEN_ID,
  client_id: 'client',
  subject: USER,
  scopes: ['read'],
  expired: false,
  expiration: NOW / 1000 + 3600,
}

/**
 * Drives two real instances as a trace of the model says, and compares what callers and Clerk see.
 *
 * @returns the first difference, or `undefined`
 */
export async function replay(
  trace: readonly string[],
  strangers = false,
  seam: Seam = {},
): Promise<string | undefined> {
  const time = fakeTime(NOW)
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  const store = memoryStore()
  const pending = new Set<Pending>()
  const outcomes: Outcome[][] = [[], []]
  const isDead = [false, false]
  let [isStoreUp, isClerkUp, clerkKnows, isHeard, calls] = [true, true, false, true, 0]

  function wait<T>(process: number, request: Request, effect: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      const perform = async () => {
        const result = (async () => effect())()
        await result.catch(() => {})
        return () => resolve(result)
      }
      pending.add({ process, request, perform })
    })
  }

  function storeOf(process: number): SharedStore {
    const ask = <T>(request: Request, effect: () => Promise<T>) =>
      wait(process, request, () => (isStoreUp ? effect() : Promise.reject(new Error('down'))))
    return {
      open: (name, { changed, reconnected }, keepLogForMs) => {
        const ring = () => isHeard && !isDead[process] && time.runIn(process, changed)
        const listener = { changed: ring, reconnected }
        const opened = store.open(name, listener, keepLogForMs)
        const space = seam.space?.(opened) ?? opened
        return {
          // Scaled as the model is.
          claim: (key, { owner, forMs }) => ask('claim', () => space.claim(key, { owner, forMs: forMs / 2 })),
          settle: (...given) => ask('settle', () => space.settle(...given)),
          remove: (...given) => ask('remove', () => space.remove(...given)),
          append: (...given) => ask('append', () => space.append(...given)),
          read: (...given) => ask('read', () => space.read(...given)),
          find: space.find,
          close: space.close,
        }
      },
    }
  }

  function instance(process: number) {
    const memory = sharedMemory(storeOf(process), { secret: 'test '.repeat(8) })
    return createClerkAuth(
      {
        issuer: ISSUER,
        jwks: { keys: [KEY.jwk] },
        secretKey: strangers && process === 1 ? 'sk_live_other' : 'sk_live_one',
        acceptsToken: ['session_token', 'oauth_token'],
        remote: { rememberInMs: WINDOW * TICK_IN_MS, timeoutInMs: TICK_IN_MS, retries: 0 },
        shared: seam.memory?.(memory) ?? memory,
        fetch: () => {
          calls++
          return wait(process, 'clerk', () => {
            if (!isClerkUp) return seam.outage?.() ?? new Response('down', { status: 503 })
            return Response.json({ ...ANSWER, revoked: clerkKnows || (strangers && process === 1) })
          })
        },
      },
      {},
    )
  }

  const of = (process: number, ...requests: readonly Request[]) =>
    [...pending].filter((one) => one.process === process && requests.includes(one.request))

  async function perform(process: number, ...requests: readonly Request[]): Promise<boolean> {
    const all = of(process, ...requests)
    for (const one of all) {
      pending.delete(one)
      ;(await one.perform())()
      await time.settle()
    }
    return all.length > 0
  }

  async function ask(process: number, token: string): Promise<void> {
    const outcome = time
      .runIn(process, () => instances[process]!.verifyToken(token))
      .then(
        () => 'yes' as const,
        (error: unknown) => (AuthError.is(error) && error.status === 503 ? ('503' as const) : ('no' as const)),
      )
    void outcome.then((one) => outcomes[process]!.push(one))
    await time.settle()
  }

  async function act(verb: string, process: number, variant: string | undefined): Promise<void> {
    switch (verb) {
      case 'ask':
        return ask(process, TOKEN)
      case 'jwt':
        return ask(process, JWT)
      case 'look':
        return time.runShort(process, LOOK_IN_MS)
      case 'decide': {
        const call = of(process, 'clerk')[0]!
        call.arrive = await call.perform()
        if (isClerkUp) return
        return arrive(process)
      }
      case 'arrive':
        return arrive(process)
      case 'read':
        return void (await perform(process, 'read'))
      case 'append':
        isHeard = variant !== 'unheard'
        return void (await perform(process, 'append'))
      case 'revoke': {
        const what = variant === 'refuse' ? { tokenId: TOKEN_ID } : { userId: USER }
        time.runIn(process, () => instances[process]!.revoke(what)).catch(() => {})
        return time.settle()
      }
      case 'die':
        isDead[process] = true
        return
      case 'tick': {
        const late = [...pending]
        const hasHeart = seam.hasHeartbeat ?? true
        await time.advance(TICK_IN_MS, (of) => !isDead[of], hasHeart)
        for (const one of late) pending.delete(one)
        return
      }
      case 'store-emptied':
        return store.empty()
      case 'store-down':
      case 'store-up':
        isStoreUp = verb === 'store-up'
        return
      case 'clerk-down':
      case 'clerk-up':
        isClerkUp = verb === 'clerk-up'
        return
      case 'clerk-knows':
        clerkKnows = true
    }
  }

  async function arrive(process: number): Promise<void> {
    const call = of(process, 'clerk')[0]!
    pending.delete(call)
    call.arrive!()
    await time.settle()
  }

  /** Answers at once what the model does not hold back. */
  async function catchUp({ processes }: State): Promise<void> {
    for (const process of [0, 1]) {
      if (isDead[process]) continue
      await time.runShort(process, DOORBELL_IN_MS)
      while (
        (await perform(process, 'claim', 'remove', 'settle')) ||
        (!processes[process]!.reading && (await perform(process, 'read')))
      );
    }
  }

  function difference(expected: readonly Outcome[][], expectedCalls: number, { processes }: State): string | undefined {
    for (const process of [0, 1]) {
      const [seen, wanted] = [outcomes[process]!.join(' '), expected[process]!.join(' ')]
      if (seen !== wanted) return `process ${process} answered "${seen}", not "${wanted}"`
      if (isDead[process]) continue
      const { reading, append } = processes[process]!
      if (reading && of(process, 'read').length === 0) return `process ${process} does not read the log`
      if (Boolean(append) !== of(process, 'append').length > 0)
        return `process ${process} ${append ? 'does not write' : 'writes'} the tombstone`
    }
    return calls === expectedCalls ? undefined : `Clerk was asked ${calls} times, not ${expectedCalls}`
  }

  const instances = [0, 1].map((process) => time.runIn(process, () => instance(process)))
  try {
    let state = initialState(Number.POSITIVE_INFINITY, strangers)
    const warm = instances.map((one, process) => time.runIn(process, () => one.warmUp()))
    await time.settle()
    await catchUp(state)
    await Promise.all(warm)
    const expected: Outcome[][] = [[], []]
    let expectedCalls = 0
    for (const [at, action] of trace.entries()) {
      const step = apply(state, action)
      state = step.state
      expectedCalls += step.calls
      for (const { by, outcome } of step.outcomes) expected[by]!.push(outcome)
      const [verb = '', process, variant] = action.split(' ')
      await act(verb, Number(process), variant)
      await catchUp(state)
      const found = difference(expected, expectedCalls, state)
      if (found !== undefined) return `${found}, after ${trace.slice(0, at + 1).join(', ')}`
    }
    return undefined
  } finally {
    for (const one of instances) one.close()
    await time.settle()
    process.emitWarning = emitWarning
    time.restore()
  }
}
