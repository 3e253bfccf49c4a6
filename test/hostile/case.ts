import type { AuthErrorCode } from '@clerk-auth/core'
import type { ApiName } from './apis.js'

/** What a caller sends. */
export type Sent =
  /** After `Authorization: Bearer `. */
  | { readonly token: string }
  /** The whole value of `Authorization`. */
  | { readonly authorization: string }
  /** Header fields as they stand in the request, `Authorization` among them or not. */
  | { readonly fields: readonly Field[] }
  /** What only an application can hand to core: no text at all. */
  | { readonly value: unknown }

export type Field = readonly [name: string, value: string]

/** One hostile request, and what must come of it. */
export interface RequestCase {
  readonly name: string
  readonly send: Sent
  readonly method: string
  /** Default `/me`, which is for the signed in. */
  readonly to: string
  readonly body?: string
  /** Whose configuration meets it. */
  readonly api: ApiName
  /** A token that has passed just before. */
  readonly after?: string
  /** The API that it has passed. Default: the same. */
  readonly afterAt?: ApiName
  /** Milliseconds that the clock has moved. */
  readonly at: number
  /** Whether the issuer may be asked because of it, for its keys or about the token. Nobody else ever may. */
  readonly mayAsk: boolean
  readonly outcome: Outcome
}

export type Outcome =
  | {
      readonly code: AuthErrorCode
      /** What `verifyToken` says, which sees no header around the token. Default: the same. */
      readonly bare?: AuthErrorCode
      /** Whether the parser of HTTP refuses it before us, in its own way. */
      readonly byParser?: true
    }
  /** It passes, and the handler sees these facts. */
  | { readonly sees: object }
  /** Refused, or there is no such route: never the handler. */
  | { readonly never: 'passes' }
  /** Node answers for itself. */
  | { readonly status: number }

/** One impossible configuration: a `TypeError` at start, which names the option. */
export interface ConfigurationCase {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly option: string
}

export type Case = RequestCase | ConfigurationCase

export type Details = Partial<Omit<RequestCase, 'name' | 'send' | 'outcome'>>

const USUAL = { method: 'GET', to: '/me', api: 'usual', at: 0, mayAsk: false } as const

/** Tokens by name, all refused with one code. */
export function refused(code: AuthErrorCode, tokens: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, { code }, details))
}

/** Tokens by name that pass, and what the handler must see then. */
export function accepted(sees: object, tokens: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, { sees }, details))
}

/** Values of `Authorization` by name, all with one outcome. */
export function headers(outcome: Outcome, values: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(values).map(([name, authorization]) => asCase(name, { authorization }, outcome, details))
}

/** Header fields by name of the case, all with one outcome. */
export function requests(
  outcome: Outcome,
  values: Readonly<Record<string, readonly Field[]>>,
  details: Details = {},
): Case[] {
  return Object.entries(values).map(([name, fields]) => asCase(name, { fields }, outcome, details))
}

export function asCase(name: string, send: Sent, outcome: Outcome, details: Details = {}): RequestCase {
  return { ...USUAL, ...details, name, send, outcome }
}

/** Options by name that are impossible, each an object with the one option that must be named. */
export function misconfigured(options: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Case[] {
  return Object.entries(options).map(([name, one]) => ({ name, options: one, option: Object.keys(one)[0] ?? '' }))
}

/** Names each value by its JSON. */
export function named<T>(values: readonly T[], what: (value: T) => string): Record<string, string> {
  return Object.fromEntries(values.map((value) => [JSON.stringify(value) ?? 'undefined', what(value)]))
}
