/**
 * A model of two processes that share a store: one opaque token, one session JWT of the same user, one revocation. The
 * constants of the code are scaled to ticks of a second, in the same order: a call to Clerk ends within a tick, a caller
 * waits a tick for a lease, a lease lives two ticks, and an answer is used for two.
 */
export const WINDOW = 2
const LEASE = 2
const FOREVER = 99
const UNLOGGED = -1

export type Outcome = 'yes' | 'no' | '503'
export type Kind = 'refuse' | 'refuse-earlier'

export interface Answer {
  readonly answer: 'yes' | 'no'
  /** Ticks since Clerk was asked. */
  readonly age: number
  /** Ticks for which it is still used. */
  readonly left: number
}

interface Shared extends Answer {
  readonly position: number
}

/** A caller with the opaque token, and what its process does for it. */
type Flight =
  /** Another process has the lease. `waited`: for so long that the caller does not wait for it again. */
  | { readonly step: 'wait'; readonly waited: boolean }
  | {
      readonly step: 'call'
      readonly position: number
      /** `none`: the store failed. `late`: the holder of the lease took too long. */
      readonly lease: 'held' | 'late' | 'none'
      /** Whether the process knew the revocation before. */
      readonly knew: boolean
      /** What Clerk has answered. The answer has not arrived yet. */
      readonly answer?: 'yes' | 'no'
    }

export interface Process {
  cache?: Answer | undefined
  flight?: Flight | undefined
  /** The position of the tombstone in the log; 0 if it is not known here. */
  tombstone: number
  cursor: number
  /** A read of the log that has something to find. It may come late. */
  reading: boolean
  /** Writes of the tombstone that have not been answered yet. */
  append: { readonly revoke?: true; readonly rewrite?: true; readonly thenRead?: true } | undefined
  /** The store failed in this tick, so only the log is read. */
  paused: boolean
  connected: boolean
  /** Ticks since the process died, from 1; 0 while it lives. */
  dead: number
}

export interface State {
  isStoreUp: boolean
  /** By key: processes with different secrets of Clerk have different ones. */
  values: readonly (Shared | undefined)[]
  leases: readonly ({ readonly owner: number; readonly left: number } | undefined)[]
  /** The position of the tombstone; 0 if the log is empty. */
  log: number
  appends: number
  isClerkUp: boolean
  /** Whether Clerk itself refuses the token. */
  clerkKnows: boolean
  revoked: Kind | undefined
  /** Ticks until every process must refuse; `undefined` if no revocation has been written. */
  refusedIn: number | undefined
  /** Ages of the calls to Clerk within the window that did not fail. */
  calls: readonly number[]
  /** Ticks for which more calls are allowed: the store or a call failed, a holder died, or there was a revocation. */
  excused: number
  faultsLeft: number
  /** Whether process 1 asks with another secret, about which Clerk says `no`. */
  strangers: boolean
  processes: readonly [Process, Process]
}

export interface Step {
  readonly state: State
  readonly outcomes: readonly { readonly by: number; readonly outcome: Outcome }[]
  /** How many calls to Clerk began. */
  readonly calls: number
  readonly violation?: string
}

/** What can be broken on purpose: the races of shared answers and revocations, and the gaps that the model has found. */
export const MUTANTS = [
  'the key lacks the secret',
  'a revocation deletes the value, without a tombstone',
  'the position of a value is ignored',
  'the position is compared when a value is written, not when it is read',
  'Clerk learns of a revocation after the processes',
  'only the process that revokes knows',
  'the age of a value is ignored',
  'the log is read only when the doorbell rings',
  'the cache is kept when a revocation arrives',
  'an emptied store is not noticed',
  'an emptied store is noticed only by a process that had read the log',
  'there is no lease',
  'a lease never expires',
  'an outage is a refusal',
  'an answer to a question from before a revocation is used',
  'an answer is cached although a tombstone refuses it',
] as const
export type Mutant = (typeof MUTANTS)[number]

export function initialState(faultsLeft: number, strangers = false): State {
  const process = { tombstone: 0, cursor: 0, reading: false, append: undefined, paused: false }
  const all = { values: [undefined, undefined], leases: [undefined, undefined], log: 0, appends: 0, calls: [] }
  return {
    ...all,
    isStoreUp: true,
    isClerkUp: true,
    clerkKnows: false,
    revoked: undefined,
    refusedIn: undefined,
    excused: 0,
    faultsLeft,
    strangers,
    processes: [
      { ...process, connected: true, dead: 0 },
      { ...process, connected: true, dead: 0 },
    ],
  }
}

/** What can happen next. An action is a verb, the process if it is about one, and a variant. */
export function actionsOf(s: State, mutant?: Mutant): string[] {
  const actions: string[] = []
  const can = (action: string, isPossible: unknown) => void (isPossible && actions.push(action))
  s.processes.forEach((p, by) => {
    if (p.dead) return
    const { flight, append, reading } = p
    can(`ask ${by}`, !flight)
    can(`jwt ${by}`, !s.strangers)
    can(`look ${by}`, flight?.step === 'wait')
    can(`decide ${by}`, flight?.step === 'call' && !flight.answer)
    can(`arrive ${by}`, flight?.step === 'call' && flight.answer)
    can(`read ${by}`, reading)
    can(`append ${by}`, append)
    can(`append ${by} unheard`, append && s.isStoreUp && !s.log)
    can(`die ${by}`, s.faultsLeft && flight?.step === 'call' && flight.lease === 'held')
    const mayRevoke = !s.revoked && !s.strangers
    can(`revoke ${by} refuse`, mayRevoke)
    const clerkIsFirst = s.clerkKnows || mutant === 'Clerk learns of a revocation after the processes'
    can(`revoke ${by} refuse-earlier`, mayRevoke && clerkIsFirst)
  })
  can('clerk-knows', !s.clerkKnows && !s.strangers)
  can('clerk-down', s.isClerkUp && s.faultsLeft)
  can('clerk-up', !s.isClerkUp)
  can('store-down', s.isStoreUp && s.faultsLeft)
  can('store-up', !s.isStoreUp)
  can('store-emptied', s.isStoreUp && s.faultsLeft && s.appends < 2)
  // A store that is up answers within the tick, and a process that waits looks every 25 ms.
  const isLeased = s.leases.some(Boolean)
  const isIdle = ({ dead, reading, append, flight }: Process) => {
    const mustLook = flight?.step === 'wait' && (flight.waited || !isLeased)
    return dead || !(append?.revoke || mustLook || (s.isStoreUp && (reading || append)))
  }
  can('tick', s.processes.every(isIdle))
  return actions
}

/** What the code does then. */
export function apply(before: State, action: string, mutant?: Mutant): Step {
  const s: State = { ...before, processes: [{ ...before.processes[0] }, { ...before.processes[1] }] }
  const outcomes: { by: number; outcome: Outcome }[] = []
  let calls = 0
  let violation: string | undefined
  const is = (one: Mutant) => mutant === one
  const [verb = '', process, variant] = action.split(' ')
  let by = Number(process)
  let p = s.processes[by]!
  const key = (of = by) => (s.strangers && !is('the key lacks the secret') ? of : 0)
  act()
  return { state: s, outcomes, calls, ...(violation !== undefined && { violation }) }

  function act(): void {
    switch (verb) {
      case 'ask':
        if (p.cache) return answer(p.cache.answer, p.cache.age)
        return claim(false)
      case 'jwt':
        return answer(p.tombstone && s.revoked ? 'no' : 'yes')
      case 'look':
        return claim((p.flight as Extract<Flight, { step: 'wait' }>).waited)
      case 'decide':
        return decide()
      case 'arrive':
        return arrive()
      case 'read':
        return read()
      case 'append':
        return append(variant !== 'unheard')
      case 'revoke':
        s.revoked = variant as Kind
        p.append = { ...p.append, revoke: true }
        s.calls = []
        s.excused = WINDOW + 2
        return learn(p, UNLOGGED)
      case 'tick':
        return tick()
      case 'clerk-knows':
        s.clerkKnows = true
        return
      case 'clerk-up':
        s.isClerkUp = true
        return
      case 'store-up':
        s.isStoreUp = true
        return
    }
    s.faultsLeft--
    s.calls = []
    s.excused = WINDOW + LEASE
    if (verb === 'clerk-down') s.isClerkUp = false
    if (verb === 'store-down') s.isStoreUp = false
    if (verb === 'store-down' && s.refusedIn !== undefined) s.refusedIn = s.log ? 2 : 3
    if (verb === 'die') p.dead = 1
    if (verb === 'store-emptied') {
      s.log = 0
      s.values = s.leases = [undefined, undefined]
      // The heartbeat of a process that knows the revocation, then the heartbeat of the other.
      if (s.refusedIn !== undefined) s.refusedIn = 3
    }
    // Without a process that knows it, the revocation is lost.
    if (!s.log && !s.processes.some(({ tombstone, dead }) => tombstone && !dead)) s.refusedIn = undefined
  }

  function answer(outcome: Outcome, age = 0): void {
    outcomes.push({ by, outcome })
    if (outcome === 'yes' && p.tombstone) violation = 'a yes from a process that knows the revocation'
    if (outcome === 'yes' && s.refusedIn === 0) violation = 'a yes after a revocation and the bound'
    if (outcome === 'yes' && age >= WINDOW) violation = 'a yes that is older than the window'
    if (outcome === 'yes' && s.strangers && by === 1) violation = 'a yes to another secret'
    const mayRefuse = s.clerkKnows || s.revoked || (s.strangers && by === 1)
    if (outcome === 'no' && !mayRefuse) violation = 'a no that neither Clerk nor a revocation caused'
  }

  /** An attempt to reach the store. A success after a failure means that it is back. */
  function reached(): boolean {
    p.paused = !s.isStoreUp
    const isBack = s.isStoreUp && !p.connected
    p.connected = s.isStoreUp
    if (isBack && p.tombstone && !is('an emptied store is not noticed'))
      p.append = { ...p.append, rewrite: true, thenRead: true }
    else if (isBack && verb !== 'read') p.reading = true
    return s.isStoreUp
  }

  function claim(waited: boolean): void {
    if (p.paused || !reached()) return call('none')
    const value = s.values[key()]
    const isOutdated = value?.answer === 'yes' && s.revoked === 'refuse-earlier' && isLater(p.tombstone, value.position)
    if (value && !isOutdated) return use(value, is('the age of a value is ignored') ? WINDOW : value.left)
    s.values = s.values.with(key(), undefined)
    const lease = s.leases[key()]
    if (!lease || is('there is no lease')) {
      const left = is('a lease never expires') ? FOREVER : LEASE
      s.leases = s.leases.with(key(), { owner: by, left })
      return call('held')
    }
    if (waited) return call('late')
    if (s.processes[lease.owner]!.dead > LEASE) violation = 'a caller waits for a process that died long ago'
    p.flight = { step: 'wait', waited }
  }

  function isLater(tombstone: number, position: number): boolean {
    if (tombstone === UNLOGGED) return true
    const isIgnored =
      is('the position of a value is ignored') ||
      is('the position is compared when a value is written, not when it is read')
    return !isIgnored && tombstone > position
  }

  /** Uses Clerk's answer. */
  function use({ answer: said, age }: Answer, left: number): void {
    const isRefused = said === 'yes' && p.tombstone && s.revoked === 'refuse'
    p.cache = isRefused ? { answer: 'no', age: 0, left: FOREVER } : { answer: said, age, left }
    if (isRefused && is('an answer is cached although a tombstone refuses it')) p.cache = { answer: said, age, left }
    p.flight = undefined
    answer(isRefused ? 'no' : said, age)
  }

  function call(lease: 'held' | 'late' | 'none'): void {
    p.flight = { step: 'call', lease, position: lease === 'none' ? 0 : s.log, knew: p.tombstone !== 0 }
    calls++
    s.calls = [...s.calls, 0]
    if (s.calls.length > 1 && !s.excused && !s.strangers) violation = 'a second call within the window'
  }

  function decide(): void {
    if (!s.isClerkUp) return failed()
    const isNo = s.clerkKnows || (s.strangers && by === 1)
    p.flight = { ...(p.flight as Extract<Flight, { step: 'call' }>), answer: isNo ? 'no' : 'yes' }
  }

  function arrive(): void {
    const { answer: said = 'no', knew, position } = p.flight as Extract<Flight, { step: 'call' }>
    const left = said === 'no' ? FOREVER : WINDOW
    settle({ answer: said, age: 0, left, position })
    const isOutdated = said === 'yes' && !knew && p.tombstone && s.revoked === 'refuse-earlier'
    if (!isOutdated || is('an answer to a question from before a revocation is used'))
      return use({ answer: said, age: 0, left }, left)
    claim(false)
  }

  /** The call failed: nothing is cached. */
  function failed(): void {
    s.calls = []
    s.excused = Math.max(s.excused, WINDOW)
    settle(undefined)
    p.flight = undefined
    answer(is('an outage is a refusal') && verb === 'decide' ? 'no' : '503')
  }

  /** Ends the lease, and shares the answer. */
  function settle(value: Shared | undefined): void {
    const { lease } = p.flight as Extract<Flight, { step: 'call' }>
    if (lease === 'none' || p.paused || !reached()) return
    if (lease === 'held' && s.leases[key()]?.owner === by) s.leases = s.leases.with(key(), undefined)
    const isStale = is('the position is compared when a value is written, not when it is read')
    if (value && !(isStale && s.log > value.position)) s.values = s.values.with(key(), value)
  }

  function append(isHeard: boolean): void {
    const { rewrite, thenRead } = p.append!
    p.append = undefined
    // revoke() reaches the store whether or not it has just failed, and rejects if it cannot be written.
    const isReached = rewrite ? reached() : s.isStoreUp
    if (thenRead) p.reading = true
    if (!isReached || s.log) return
    s.refusedIn ??= 2
    if (is('only the process that revokes knows')) return
    if (is('a revocation deletes the value, without a tombstone')) s.values = [undefined, undefined]
    else s.log = ++s.appends
    if (isHeard) for (const one of s.processes) one.reading ||= !one.dead && one.cursor !== s.log
  }

  function read(): void {
    p.reading = false
    if (!reached()) return
    if (p.cursor && s.log !== p.cursor && !is('an emptied store is not noticed')) {
      p.cursor = 0
      p.cache = undefined
      if (p.tombstone) p.append = { ...p.append, rewrite: true }
      p.reading = true
      return
    }
    if (s.log > p.cursor) learn(p, s.log)
    p.cursor = s.log
    const isMissing =
      p.tombstone === UNLOGGED && !is('an emptied store is noticed only by a process that had read the log')
    if (isMissing && !is('an emptied store is not noticed')) p.append = { ...p.append, rewrite: true }
  }

  function learn(process: Process, position: number): void {
    const isNew = process.tombstone === 0
    if (isNew || process.tombstone === UNLOGGED) process.tombstone = position
    if (is('the cache is kept when a revocation arrives')) return
    if (isNew && process.cache?.answer === 'yes') process.cache = undefined
  }

  function tick(): void {
    s.processes.forEach((one, i) => {
      by = i
      p = one
      if (p.dead) p.dead = Math.min(p.dead + 1, LEASE + 1)
      else timeOut()
    })
    s.processes.forEach((one) => (one.cache = older(one.cache)))
    s.values = s.values.map(older)
    s.leases = s.leases.map(older)
    s.calls = s.excused ? [] : s.calls.map((age) => age + 1).filter((age) => age < WINDOW)
    if (s.isStoreUp) s.excused = Math.max(0, s.excused - 1)
    if (s.isStoreUp && s.refusedIn) s.refusedIn--
  }

  /** Requests to the store time out, then calls to Clerk. The heart beats. */
  function timeOut(): void {
    const { flight } = p
    Object.assign(p, { paused: false, append: undefined })
    if (flight?.step === 'wait') p.flight = { step: 'wait', waited: true }
    if (flight?.step === 'call') failed()
    p.reading = false
    if (is('the log is read only when the doorbell rings')) return
    const isNew = s.log !== p.cursor || p.tombstone === UNLOGGED || !p.connected
    if (!s.isStoreUp) reached()
    else p.reading = isNew
  }
}

function older<T extends { readonly left: number; readonly age?: number }>(one: T | undefined): T | undefined {
  if (!one || one.left === 1) return undefined
  if (one.left === FOREVER) return one
  return { ...one, left: one.left - 1, ...(one.age !== undefined && { age: one.age + 1 }) }
}
