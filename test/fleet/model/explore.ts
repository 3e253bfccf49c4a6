import { actionsOf, apply, type Answer, type Mutant, type Process, type State } from './model.js'

export interface Exploration {
  readonly states: number
  /** The shortest way to a violation. */
  readonly counterexample?: { readonly trace: readonly string[]; readonly violation: string }
  /** A shortest way to each pair of an action and a state, as far as a process can see it. */
  readonly traces: () => readonly (readonly string[])[]
}

/** Visits every state breadth first. States that differ only in the names of the processes are the same. */
export function explore(start: State, mutant?: Mutant): Exploration {
  const seen = new Map<string, number>([[keyOf(start), 0]])
  const states: (State | undefined)[] = [start]
  const cameFrom: { readonly parent: number; readonly action: string }[] = [{ parent: -1, action: '' }]
  const covered = new Map<string, { readonly parent: number; readonly action: string }>()

  function traceTo(parent: number, action: string): string[] {
    const trace = [action]
    for (let at = parent; at > 0; at = cameFrom[at]!.parent) trace.unshift(cameFrom[at]!.action)
    return trace
  }
  const traces = () => [...covered.values()].map(({ parent, action }) => traceTo(parent, action))

  for (let at = 0; at < states.length; at++) {
    const state = states[at]!
    states[at] = undefined
    for (const action of actionsOf(state, mutant)) {
      const step = apply(state, action, mutant)
      if (step.violation !== undefined) {
        const counterexample = { trace: traceTo(at, action), violation: step.violation }
        return { states: seen.size, counterexample, traces }
      }
      const view = viewOf(state, action)
      if (!covered.has(view)) covered.set(view, { parent: at, action })
      const key = keyOf(step.state)
      if (seen.has(key)) continue
      seen.set(key, states.length)
      states.push(step.state)
      cameFrom.push({ parent: at, action })
    }
  }
  return { states: seen.size, traces }
}

function keyOf(state: State): string {
  const { isStoreUp, log, appends, isClerkUp, clerkKnows, revoked, refusedIn, calls, excused, faultsLeft } = state
  const [first, second] = state.processes.map(textOf)
  const [value, other] = state.values.map((one) => textOfAnswer(one) + (one?.position ?? ''))
  const lease = (mirror: 0 | 1) => state.leases.map((one) => (one ? `${one.owner ^ mirror}${one.left}` : '')).join('/')
  const rest = `${+isStoreUp}${log}${appends}${+isClerkUp}${+clerkKnows}${revoked}${refusedIn}${excused}${faultsLeft}${value}`
  const all = `${rest}/${calls.join('')}`
  const one = `${all}/${lease(0)}|${first}|${second}`
  if (state.strangers) return `${one}|${other}`
  const mirrored = `${all}/${lease(1)}|${second}|${first}`
  return one < mirrored ? one : mirrored
}

function textOf({ cache, flight, append, tombstone, cursor, reading, paused, connected, dead }: Process): string {
  const step =
    flight?.step === 'call'
      ? `${flight.position}${flight.lease}${+flight.knew}${flight.answer}`
      : flight && `wait${+flight.waited}`
  const writes = append && `${append.revoke}${append.rewrite}${append.thenRead}`
  return `${textOfAnswer(cache)},${step},${writes},${tombstone},${cursor}${+reading}${+paused}${+connected}${dead}`
}

function textOfAnswer(one: Answer | undefined): string {
  return one ? `${one.answer}${one.age}${one.left},` : ''
}

/** What the outcome of an action depends on: the process, the store, and Clerk. */
function viewOf({ processes, values, leases, log, ...state }: State, action: string): string {
  const process = /\d/.exec(action)?.[0]
  const { isStoreUp, isClerkUp, clerkKnows, revoked, strangers } = state
  const shared = `${textOfAnswer(values[0])}${values[0]?.position}${leases[0] !== undefined}${log}`
  const rest = `${+isStoreUp}${+isClerkUp}${+clerkKnows}${revoked}${+strangers}`
  return `${action}|${process === undefined ? '' : textOf(processes[Number(process)]!)}|${shared}|${rest}`
}
