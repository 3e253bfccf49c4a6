import type { ClerkAuthEvent } from '../../packages/core/src/index.js'
import type { App } from '../../test/contract/app.js'

// What the tests and a runtime tell each other, as JSON. The tests run in Node; the apps, in the runtime.

export interface SentOptions {
  /** By which both sides know the clock and the events of these options. */
  readonly id: string
  /** As {@link encode} writes them. */
  readonly options: string
  /** The time for a start, in milliseconds since the epoch. */
  readonly now: number
}

export type SentClerk = SentOptions | { readonly instance: string }

export interface Commands {
  /** Starts an app. */
  readonly serve: {
    readonly id: string
    readonly target: string
    readonly clerk: readonly SentClerk[]
    readonly callers: App['callers'] | null
  }
  readonly close: { readonly id: string }
  readonly createInstance: SentOptions & { readonly environment: object | null }
  readonly useInstance: {
    readonly id: string
    readonly call: 'warmUp' | 'forget' | 'close'
    readonly argument: unknown
  }
  /** Sets the clocks of an app's options, by their id. */
  readonly setClocks: Readonly<Record<string, number>>
  /** For an app, its options and the instances that it was given. */
  readonly takeState: { readonly app: string; readonly options: readonly string[] }
}

export interface Replies {
  /** The port, or on workerd the number of the socket. */
  readonly serve: { readonly at: number }
  readonly close: object
  readonly createInstance: object
  readonly useInstance: object
  readonly setClocks: object
  readonly takeState: State
}

/** What has happened in the runtime since it was last asked. */
export interface State {
  /** By id of the options. */
  readonly events: Readonly<Record<string, readonly ClerkAuthEvent[]>>
  /** The errors that the error handler of the app got. */
  readonly seen: readonly SentError[]
  /** Of each instance, by its id. */
  readonly stats: Readonly<Record<string, object>>
  /** Process warnings. */
  readonly warnings: readonly string[]
  /** Lines that were written to the console. */
  readonly output: readonly string[]
  /** URLs that were fetched. */
  readonly fetched: readonly string[]
}

export interface SentError {
  readonly name: string
  readonly message: string
  /** Of an `AuthError`. */
  readonly code: string | null
}

export type Reply<C extends keyof Commands> = Replies[C] | { readonly error: SentError }

/** JSON, with values that JSON lacks: invalid options must arrive as they are. */
export function encode(sent: object): string {
  return JSON.stringify(sent, (_name, value: unknown) => {
    if (typeof value === 'function') return { $function: true }
    if (typeof value === 'bigint') return { $bigint: String(value) }
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
    return value instanceof RegExp ? { $pattern: value.source } : value
  })
}

/** @param functions what the other side's functions are here, by name */
export function decode(text: string, functions: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(text, (name, value: Readonly<Record<string, string>> | null) => {
    if (typeof value !== 'object' || value === null) return value
    if ('$function' in value) return functions[name] ?? (() => name)
    if ('$bigint' in value) return BigInt(value['$bigint'])
    if ('$number' in value) return Number(value['$number'])
    return '$pattern' in value ? new RegExp(value['$pattern']) : value
  })
}
